"""Tell a service outside that we live: when the calls stop, it raises the alarm that we cannot raise ourselves."""

import logging
from datetime import datetime
from typing import Final

import httpx
from django.conf import settings

from workflows_app.models import Heartbeat
from workflows_app.models.heartbeat import DEADMAN
from workflows_app.triggers.silence import silences

_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


def ping(now: datetime) -> bool:
    """GET `DEADMAN_URL` when nothing is silent, at most once in a minute of the clock; whether it answered well.

    Call it outside any transaction. A failure is only logged, without the address, which is a secret.
    """
    if not settings.DEADMAN_URL or silences(now):
        return False
    if not Heartbeat.objects.take_turn(DEADMAN, now, since=now.replace(second=0, microsecond=0)):
        return False
    try:
        httpx.get(settings.DEADMAN_URL, timeout=_SECONDS).raise_for_status()
    except httpx.HTTPStatusError as error:
        logger.warning("the dead-man URL answered %s", error.response.status_code)
        return False
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("the dead-man URL was not reached: %s", type(error).__name__)
        return False
    return True
