"""Names instead of ids: which rows a text speaks of, and the same text with each id carrying its name.

An id that has a name is still the same text (`Named`), so that whatever compares or prints it keeps working.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

Place = tuple[str, str]
"""What kind of row, and its id. The kind is followed by `@` when the id is NetSuite's own, e.g. `customer@`."""

Names = Mapping[Place, str]
LookUp = Callable[[set[Place]], Names]

_COLUMNS: Final = {
    "customer": "customer",
    "customer_id": "customer",
    "in_reply_to": "message",
    "item_code": "item",
    "item_codes": "item",
    "related_customer_id": "customer",
    "rep_id": "rep",
    "replaced_by": "item",
    "sales_rep": "rep",
    "terms_id": "terms",
    "vendor_id": "vendor",
}
_TABLES: Final = {
    "customer_profiles": "customer",
    "customers": "customer",
    "payment_terms": "terms",
    "sales_reps": "rep",
    "spec_items": "item",
    "vendors": "vendor",
}
_NETSUITE: Final = {"entity": "customer@", "item": "item@", "salesRep": "rep@", "terms": "terms@"}
_TITLES: Final = {"customers": "companyname", "payment_terms": "name", "sales_reps": "name", "vendors": "name"}


class Named(str):
    """An id and the name that people know it by."""

    name: str

    def __new__(cls, text: str, name: str) -> "Named":
        """`text` is the id."""
        self = super().__new__(cls, text)
        self.name = name
        return self


def name_of(value: object) -> str:
    """The name that an id carries, or nothing."""
    return value.name if isinstance(value, Named) else ""


def references(data: Any) -> set[Place]:
    """Every row that the data names by an id."""
    return {(kind, text) for kind, text in _spoken_of(data, "", {})}


def born(data: Any) -> dict[Place, str]:
    """The names of rows that the data itself adds, which no table knows yet."""
    found: dict[Place, str] = {}
    for effect in _mappings(data):
        title = _TITLES.get(str(effect.get("table", "")), "")
        values = effect.get("values") or effect.get("set")
        if title and isinstance(values, dict) and isinstance(values.get(title), str):
            found[_TABLES[effect["table"]], str(effect["id"])] = values[title]
    return found


def named(data: Any, names: Names) -> Any:
    """The same data with a name at each id that has one."""
    return _named(data, "", {}, names) if names else data


def _named(value: Any, key: str, parent: Mapping[str, Any], names: Names) -> Any:
    if isinstance(value, dict):
        around = {**value, "_key": key}
        return {name: _named(item, name, around, names) for name, item in value.items()}
    if isinstance(value, list):
        return [_named(item, key, parent, names) for item in value]
    name = names.get((_kind(key, parent), value)) if isinstance(value, str) else None
    return Named(value, name) if name else value


def _spoken_of(value: Any, key: str, parent: Mapping[str, Any]) -> Iterator[Place]:
    if isinstance(value, dict):
        around = {**value, "_key": key}
        for name, item in value.items():
            yield from _spoken_of(item, name, around)
    elif isinstance(value, list):
        for item in value:
            yield from _spoken_of(item, key, parent)
    elif isinstance(value, str) and value:
        kind = _kind(key, parent)
        if kind:
            yield kind, value


def _kind(key: str, parent: Mapping[str, Any]) -> str:
    """What kind of row a text under `key` names; empty when it names none."""
    if key == "id":
        return _TABLES.get(str(parent.get("table", "")), "") or _NETSUITE.get(str(parent.get("_key", "")), "")
    if key == "of" and parent.get("placeholder") == "ns_id":
        return "customer"
    if key in ("entity_ref", "entity_id"):
        about = str(parent.get("entity_type", ""))
        return about if about in ("customer", "item", "vendor") else ""
    return _COLUMNS.get(key, "")


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _mappings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(item)
