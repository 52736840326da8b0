"""`manage.py check`: are the settings of drafting whole? Set up wrongly, drafting is off."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from workflows_app.drafting.endpoint import EndpointError, endpoint_from


def check_settings(**words: Any) -> list[CheckMessage]:
    """One error when the settings name no endpoint that may be asked."""
    try:
        endpoint_from(settings.DRAFTING)
    except EndpointError as error:
        return [Error(f"{error}.", hint="docs/drafting.md", id="countersign.E001")]
    return []
