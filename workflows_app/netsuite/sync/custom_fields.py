"""Which custom field of the account holds a column that NetSuite has no field for.

`NETSUITE_MAPPING` names a TOML file, e.g. `[item]` with `pack_size = "custitem_pack_size"`. The embedded sandbox has
the fields of `_SANDBOX`; a live account has none until the file names them, and then the column stays as it is.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

from workflows_app.netsuite.errors import SettingsError

_SANDBOX: Mapping[str, Mapping[str, str]] = {"item": {"pack_size": "custitem_pack_size"}}
_NAME = re.compile(r"cust[a-z]+_[a-z0-9_]{1,40}")


def custom_field(record_type: str, column: str) -> str:
    """The field's id; nothing when the account has none. Raises `SettingsError` for a file that cannot be used."""
    path = settings.NETSUITE.get("MAPPING")
    mapping = _read(path) if path else ({} if settings.NETSUITE.get("ACCOUNT") else _SANDBOX)
    name = mapping.get(record_type, {}).get(column, "")
    if name and not _NAME.fullmatch(name):
        raise SettingsError(f"NETSUITE_MAPPING: {name!r} is not the id of a custom field.")
    return name


def _read(path: str) -> Mapping[str, Mapping[str, str]]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"NETSUITE_MAPPING cannot be read: {error}.") from None
