"""Take every record out of the file; keys, tokens and the lists that every account has stay."""

import sqlite3

_KEPT = {"token", "nonce", "sequence", "transactionstatus", "transactiontype", "dual"}
_FIRST_STAYS = {"currency", "subsidiary", "pricelevel", "entitystatus"}


def empty(db: sqlite3.Connection) -> None:
    """Delete all records; sequences go on, so that no id comes back."""
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    for name in names:
        if name not in _KEPT | _FIRST_STAYS and not name.startswith("sqlite_"):
            db.execute(f'DELETE FROM "{name}"')  # noqa: S608
    db.execute("DELETE FROM pricelevel WHERE id > 1")
