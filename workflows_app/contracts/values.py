"""Expression values as JSON-ready data and back, without loss: what a run's context and `was` are stored as.

Plain JSON keeps text, whole numbers, booleans, NULL, lists and mappings. Decimals, dates and moments carry a tag, so
that reading them back gives the same value: `{"$decimal": "12.50"}`, `{"$date": "2026-09-01"}`,
`{"$datetime": "2026-09-01T06:00:00Z"}`. A mapping that could be mistaken for a tag is `{"$map": {...}}`.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from approvals.canonical import to_json

_THAW: Mapping[str, Callable[[Any], Any]] = {
    "$decimal": Decimal,
    "$date": date.fromisoformat,
    "$datetime": datetime.fromisoformat,
    "$map": lambda items: {key: thaw(item) for key, item in items.items()},
}


def freeze(value: object) -> Any:
    """`value` as JSON-ready data. Raises `NotCanonicalError` for what has no canonical text (floats, naive moments)."""
    if isinstance(value, Decimal):
        return {"$decimal": to_json(value)}
    if isinstance(value, date):
        return {"$datetime" if isinstance(value, datetime) else "$date": to_json(value)}
    if isinstance(value, Mapping):
        frozen = {str(to_json(key)): freeze(item) for key, item in value.items()}
        return {"$map": frozen} if len(frozen) == 1 and next(iter(frozen)) in _THAW else frozen
    if isinstance(value, list | tuple):
        return [freeze(item) for item in value]
    return to_json(value)


def thaw(data: Any) -> Any:
    """The value that `freeze` made `data` from; a tuple comes back as a list."""
    if isinstance(data, list):
        return [thaw(item) for item in data]
    if not isinstance(data, Mapping):
        return data
    if len(data) == 1:
        tag, content = next(iter(data.items()))
        if tag in _THAW:
            return _THAW[tag](content)
    return {key: thaw(item) for key, item in data.items()}
