"""Faults on request: rules that break the next requests which fit them, each a number of times."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class Fault(StrEnum):
    """What can go wrong. "Commit" is the moment when the request's change is in the file."""

    COMMIT_THEN_DROP = "commit_then_drop"  # done, then the connection breaks without an answer
    DROP_BEFORE_COMMIT = "drop_before_commit"  # the connection breaks, nothing is done
    DELAY = "delay"  # done, then the answer waits
    LATE_COMMIT = "late_commit"  # waits, then does it: a client that gave up cannot cancel it
    TOO_MANY = "too_many"  # 429
    UNAUTHORIZED = "unauthorized"  # 401, although the token is good
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - 401, and every token given so far is dead
    ERROR_BEFORE_COMMIT = "error_before_commit"  # 500, nothing is done
    ERROR_AFTER_COMMIT = "error_after_commit"  # 500, but it is done
    MALFORMED_JSON = "malformed_json"  # done, then a body that breaks off
    ACCEPTED = "accepted"  # 202 as if it were done later; it never is


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Which requests break, and how often. `path` is a pattern with `*`; `seconds` is for the two that wait."""

    fault: Fault
    method: str = "*"
    path: str = "*"
    record_type: str = "*"
    times: int = 1
    seconds: float = 0.0
    skip: int = 0  # requests that fit and are let through first

    def fits(self, method: str, path: str, record_type: str) -> bool:
        """Whether a request is of this rule."""
        return (
            fnmatchcase(method, self.method.upper())
            and fnmatchcase(path, self.path)
            and fnmatchcase(record_type.lower(), self.record_type.lower())
        )


def rule_from(values: Mapping[str, Any]) -> Rule:
    """A rule from JSON. Raises ValueError for what it does not know."""
    known = {field.name for field in fields(Rule)}
    if unknown := set(values) - known:
        raise ValueError(f"a rule has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
    return Rule(**{**values, "fault": Fault(values.get("fault", ""))})


class Faults:
    """The rules that are planted; the first that fits is used up by one."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._lock = threading.Lock()

    def plant(self, rule: Rule) -> None:
        """Add a rule after those that are there."""
        with self._lock:
            self._rules.append(rule)

    def planted(self) -> list[Rule]:
        """What is left of the rules."""
        with self._lock:
            return list(self._rules)

    def clear(self) -> None:
        """Work properly from now on."""
        with self._lock:
            self._rules.clear()

    def take(self, method: str, path: str, record_type: str) -> Rule | None:
        """The rule that breaks this request, if any."""
        with self._lock:
            for place, rule in enumerate(self._rules):
                if rule.fits(method, path, record_type):
                    return self._use(place, rule)
        return None

    def _use(self, place: int, rule: Rule) -> Rule | None:
        if rule.skip:
            self._rules[place] = replace(rule, skip=rule.skip - 1)
            return None
        if rule.times > 1:
            self._rules[place] = replace(rule, times=rule.times - 1)
        else:
            del self._rules[place]
        return rule
