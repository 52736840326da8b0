"""Which custom field of the account holds a column that NetSuite has no field for.

`NETSUITE_MAPPING` names a TOML file, e.g. `[item]` with `pack_size = "custitem_pack_size"`. The embedded sandbox has
the fields of `_SANDBOX`; a live account has none until the file names them, and then the column stays as it is.
A file that says anything else is refused as a whole: a name that is misspelt would otherwise map nothing, silently.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from workflows_app.netsuite.errors import SettingsError

Mapped = Mapping[str, Mapping[str, str]]
_SANDBOX: Mapped = {"item": {"pack_size": "custitem_pack_size"}}
_COLUMNS: Mapping[str, tuple[str, ...]] = {"item": ("pack_size",)}  # what may be mapped, by section
_NAME = re.compile(r"cust[a-z]+_[a-z0-9_]{1,40}")


def custom_field(record_type: str, column: str) -> str:
    """The field's id; nothing when the account has none. Raises `SettingsError` for a file that cannot be used."""
    path = settings.NETSUITE.get("MAPPING")
    mapping = _read(path) if path else ({} if settings.NETSUITE.get("ACCOUNT") else _SANDBOX)
    return mapping.get(record_type, {}).get(column, "")


def _read(path: str) -> Mapped:
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"NETSUITE_MAPPING cannot be read: {error}.") from None
    return {section: _section(section, fields) for section, fields in found.items()}


def _section(section: str, fields: Any) -> Mapping[str, str]:
    """A section, or a sentence about what is wrong with it."""
    known = _COLUMNS.get(section)
    if known is None:
        raise SettingsError(f"NETSUITE_MAPPING: there is no section [{section}]; there is {_all(_COLUMNS)}.")
    if not isinstance(fields, dict):
        raise SettingsError(f"NETSUITE_MAPPING: {section} must be a section, [{section}], not a value.")
    for column, name in fields.items():
        if column not in known:
            raise SettingsError(f"NETSUITE_MAPPING: [{section}] has no column {column!r}; it has {', '.join(known)}.")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise SettingsError(f"NETSUITE_MAPPING: {name!r} is not the id of a custom field.")
    return fields


def _all(sections: Mapping[str, Any]) -> str:
    return ", ".join(f"[{name}]" for name in sections)
