"""Pages speak the time of the office; everything stored, sent or hashed stays in UTC."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

Answer = Callable[[HttpRequest], HttpResponse]


def office_time(answer: Answer) -> Answer:
    """Middleware: what a page renders, and what somebody types into it, is in `OFFICE_TIME_ZONE`."""

    def in_office_time(request: HttpRequest) -> HttpResponse:
        with timezone.override(ZoneInfo(settings.OFFICE_TIME_ZONE)):
            return answer(request)

    return in_office_time
