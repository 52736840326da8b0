"""Every number of the front page is a link to the rows that it counts."""

from urllib.parse import urlencode

from django.urls import reverse


def rows(model: str, **query: str) -> str:
    """The list of a model (`app_model`), narrowed."""
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"


def inbox(**query: str) -> str:
    """The inbox, narrowed."""
    asked = f"?{urlencode(query)}" if query else ""
    return f"{reverse('inbox:list')}{asked}"
