"""When NetSuite says that a record was changed."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def last_modified(record: Mapping[str, Any]) -> datetime | None:
    """The record's `lastModifiedDate`, aware; None when NetSuite does not say."""
    try:
        moment = datetime.fromisoformat(str(record.get("lastModifiedDate")))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def later(moment: datetime | None, known: datetime | None) -> bool:
    """Whether `moment` is after `known`; False when one is not known. SuiteQL tells whole seconds, so do we then."""
    if moment is None or known is None:
        return False
    if not (moment.microsecond and known.microsecond):
        moment, known = moment.replace(microsecond=0), known.replace(microsecond=0)
    return moment > known
