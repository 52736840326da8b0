"""When a workflow starts, in words."""

import re
from typing import Final

from workflows_app.contracts.schema import CronTrigger, EventTrigger, HitlTrigger, ManualTrigger, Trigger

_DAYS: Final = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORT: Final = {day[:3].upper(): day for day in _DAYS}
_NUMBERS: Final = re.compile(r"\d+(,\d+)*")


def trigger_words(trigger: Trigger) -> str:
    """A sentence without its full stop, such as `Every day at 06:00, America/New_York`."""
    match trigger:
        case CronTrigger():
            return f"{cron_words(trigger.cron)}, {trigger.tz}"
        case EventTrigger():
            return f"When this is recorded: {' or '.join(trigger.sources)}"
        case HitlTrigger():
            return f"When a {trigger.action_type} is approved"
        case ManualTrigger():
            return "By hand" + (f": {' or '.join(trigger.sources)}" if trigger.sources else "")


def cron_words(cron: str) -> str:
    """Five cron fields in words; a pattern that has none stands as it is."""
    minute, hour, day, month, weekday = cron.split()
    times = _times(minute, hour)
    days = _days(day, weekday) if month == "*" else ""
    if not times or not days:
        return f"Cron {cron}"
    if "every" in times and days == "every day":
        return _capital(times)
    return _capital(f"{days} {times}")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _times(minute: str, hour: str) -> str:
    if (step := re.fullmatch(r"\*/(\d+)", minute)) and hour == "*":
        return f"every {step[1]} minutes"
    if minute == hour == "*":
        return "every minute"
    if not _NUMBERS.fullmatch(minute):
        return ""
    minutes = [number.rjust(2, "0") for number in minute.split(",")]
    if hour == "*":
        return f"every hour at {_listed([f':{each}' for each in minutes])}"
    if not _NUMBERS.fullmatch(hour):
        return ""
    hours = [number.rjust(2, "0") for number in hour.split(",")]
    return f"at {_listed([f'{each}:{past}' for each in hours for past in minutes])}"


def _days(day: str, weekday: str) -> str:
    if day == "*" and weekday == "*":
        return "every day"
    if weekday == "*" and _NUMBERS.fullmatch(day):
        return f"on day {_listed(day.split(','))} of the month"
    if day == "*":
        return _weekdays(weekday)
    return ""


def _weekdays(field: str) -> str:
    if span := re.fullmatch(r"(\w+)-(\w+)", field):
        first, last = _weekday(span[1]), _weekday(span[2])
        return f"{first} to {last}" if first and last else ""
    names = [_weekday(name) for name in field.split(",")]
    return f"every {_listed(names)}" if all(names) else ""


def _weekday(name: str) -> str:
    return _DAYS[int(name) % 7] if name.isdecimal() else _SHORT.get(name.upper(), "")


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
