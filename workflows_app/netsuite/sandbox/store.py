"""The sandbox's file: connections, ids that are never given twice, and moments in the account's zone."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from workflows_app.netsuite.sandbox.catalog import STATUSES, TYPE_LABELS
from workflows_app.netsuite.sandbox.tables import statements

FILE = "sandbox.sqlite3"
_LOCAL = "%Y-%m-%d %H:%M:%S"
Row = dict[str, Any]
Clock = Callable[[], datetime]


class Store:
    """One file. Every request has a connection of its own; writers take turns."""

    def __init__(self, folder: Path, *, time_zone: str, clock: Clock) -> None:
        self.zone = ZoneInfo(time_zone)
        self.clock = clock
        self._path = folder / FILE
        self._writing = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self._held = self._connect()  # the last connection to close would clean up the log at every request
        self._held.execute("PRAGMA journal_mode=WAL")
        with self.writing() as db:
            for statement in statements():
                db.execute(statement)
            _fixed_lists(db)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the file and changes nothing."""
        db = self._connect()
        try:
            db.execute("PRAGMA query_only=ON")
            db.execute("BEGIN")
            yield db
        finally:
            db.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: committed at the end, or undone when anything is raised."""
        with self._writing:
            db = self._connect()
            try:
                db.execute("BEGIN IMMEDIATE")
                yield db
                db.execute("COMMIT")
            finally:
                db.close()

    def close(self) -> None:
        """Let go of the file."""
        self._held.close()

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=20, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA synchronous=NORMAL")
        return db

    def now(self) -> datetime:
        """The server's clock, UTC, whole seconds, as NetSuite keeps it."""
        return self.clock().astimezone(UTC).replace(microsecond=0)

    def local(self, moment: datetime) -> str:
        """A moment as the account's people see it, without its zone."""
        return moment.astimezone(self.zone).strftime(_LOCAL)

    def stamps(self, moment: datetime, *, new: bool) -> Row:
        """The columns that only the server writes."""
        utc = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        changed = {"lastmodifieddate": self.local(moment), "lastmodified_utc": utc}
        return changed | ({"created_utc": utc} if new else {})


def next_id(db: sqlite3.Connection, name: str, *, first: int = 1) -> int:
    """The next number of a sequence; not given again even when its record is deleted."""
    row = db.execute(
        "INSERT INTO sequence VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = last + 1 RETURNING last",
        (name, first),
    ).fetchone()
    return int(row[0])


def reserve_ids(db: sqlite3.Connection, name: str, last: int) -> None:
    """Let the sequence go on after `last`."""
    db.execute("INSERT INTO sequence VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET last = max(last, excluded.last)",
               (name, last))  # fmt: skip


def insert(db: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> None:
    """Add a row."""
    columns = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" for _ in row)
    db.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', list(row.values()))  # noqa: S608


def update(db: sqlite3.Connection, table: str, key: int, row: Mapping[str, Any]) -> None:
    """Change a row by its id."""
    changes = ", ".join(f'"{name}" = ?' for name in row)
    db.execute(f'UPDATE "{table}" SET {changes} WHERE id = ?', [*row.values(), key])  # noqa: S608


def rows(db: sqlite3.Connection, sql: str, *values: Any) -> list[Row]:
    """The rows of a query as mappings."""
    return [dict(row) for row in db.execute(sql, values)]


def _fixed_lists(db: sqlite3.Connection) -> None:
    """What every account has: a currency, a subsidiary, price level 1, and the names of types and states."""
    for table, name in (("currency", "USA"), ("subsidiary", "Parent Company"), ("pricelevel", "Base Price")):
        db.execute(f"INSERT OR IGNORE INTO \"{table}\" (id, name, isinactive) VALUES (1, ?, 'F')", (name,))  # noqa: S608
        reserve_ids(db, table, 1)
    db.execute("INSERT OR IGNORE INTO entitystatus (id, name, isinactive) VALUES (10, 'PROSPECT-Proposal', 'F')")
    reserve_ids(db, "entitystatus", 20)
    db.executemany("INSERT OR IGNORE INTO transactiontype VALUES (?, ?)", TYPE_LABELS.items())
    db.executemany(
        "INSERT OR IGNORE INTO transactionstatus VALUES (?, ?, ?, ?)",
        [
            (code, kind, name, f"{TYPE_LABELS[kind]} : {name}")
            for kind, states in STATUSES.items()
            for code, name in states.items()
        ],
    )
