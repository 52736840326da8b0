"""How a run starts and how it is tried again: trigger, inputs and their defaults, retry."""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from workflows_app.contracts.checking.report import Report
from workflows_app.contracts.formats import FORMATS
from workflows_app.contracts.occurrences import CronError, check_cron
from workflows_app.contracts.problems import Path, suggestion
from workflows_app.contracts.schema import CronTrigger, InputSpec


def check_trigger(report: Report) -> None:
    """Five cron fields that come due some day, in a time zone that exists."""
    trigger = report.contract.trigger
    if not isinstance(trigger, CronTrigger):
        return
    if trigger.tz not in _zones():
        report.add(("trigger", "tz"), f"there is no time zone {trigger.tz}{suggestion(trigger.tz, _zones())}")
    try:
        check_cron(trigger.cron)
    except CronError as error:
        report.add(("trigger", "cron"), str(error))


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def check_inputs(report: Report) -> None:
    """Defaults of the declared type, patterns that are regular expressions, formats and fields of their types."""
    for index, spec in enumerate(report.contract.inputs):
        _check_input(report, spec, ("inputs", index))
        _check_given(report, spec, ("inputs", index))


def _check_given(report: Report, spec: InputSpec, path: Path) -> None:
    """Nobody fills in a form at the hour of a cron trigger."""
    if isinstance(report.contract.trigger, CronTrigger) and spec.required and spec.default is None:
        report.add((*path, "required"), f"a cron trigger cannot give {spec.name}; give it a default instead")


def _check_input(report: Report, spec: InputSpec, path: Path) -> None:
    if spec.pattern is not None:
        _check_pattern(report, spec, path)
    if spec.format is not None and FORMATS[spec.format].of != spec.type:
        report.add((*path, "format"), f"{spec.format} narrows {FORMATS[spec.format].of}, and this is {spec.type}")
    if spec.default is not None:
        _check_default(report, spec, path)
    if spec.fields and spec.type not in ("object", "list[object]"):
        report.add((*path, "fields"), f"only an object has fields, and this is {spec.type}")
    for index, field in enumerate(spec.fields):
        _check_input(report, field, (*path, "fields", index))


def _check_default(report: Report, spec: InputSpec, path: Path) -> None:
    if spec.required:
        report.add((*path, "default"), "a required input has no default; remove one of the two")
    if not _fits(spec.type, spec.default):
        report.add((*path, "default"), f"{spec.default!r} is not of the type {spec.type}")


def _check_pattern(report: Report, spec: InputSpec, path: Path) -> None:
    try:
        pattern = re.compile(spec.pattern or "")
    except (re.error, OverflowError, RecursionError) as error:
        report.add((*path, "pattern"), f"is no regular expression: {error}")
        return
    if isinstance(spec.default, str) and not pattern.fullmatch(spec.default):
        report.add((*path, "default"), "does not match the pattern")


def _fits(kind: str, value: Any) -> bool:
    if kind.startswith("list["):
        return isinstance(value, tuple) and all(_FITS[kind[5:-1]](item) for item in value)
    return _FITS[kind](value)


def is_decimal(value: Any) -> bool:
    """Whether a value written in a contract is a number: an integer, or text such as `0.15`."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def is_date(value: Any) -> bool:
    """Whether a value written in a contract is a date such as 2026-09-01."""
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def is_moment(value: Any) -> bool:
    """Whether a value written in a contract is a moment with a time zone such as 2026-09-01T06:00:00Z."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def is_whole(value: Any) -> bool:
    """Whether a value written in a contract is an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "text": lambda value: isinstance(value, str),
    "email": lambda value: isinstance(value, str) and bool(re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", value)),
    "integer": is_whole,
    "decimal": is_decimal,
    "boolean": lambda value: isinstance(value, bool),
    "date": is_date,
    "datetime": is_moment,
    "object": lambda value: isinstance(value, dict),
}


def check_retry(report: Report) -> None:
    """A backoff has a first wait, and the longest wait is no shorter than that."""
    retry = report.contract.retry
    if retry.backoff != "none" and retry.base_ms == 0:
        report.add(("retry", "base_ms"), f"backoff {retry.backoff} needs base_ms, the first wait in milliseconds")
    if retry.max_ms < retry.base_ms:
        report.add(("retry", "max_ms"), "is less than base_ms")
