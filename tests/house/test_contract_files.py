"""Released contracts never change, and editors get the schema that the loader has."""

import hashlib
import json
from pathlib import Path

from workflows_app.contracts.json_schema import schema_text
from workflows_app.runner.catalog import catalog

ROOT = Path(__file__).parents[2]
PINNED: dict[str, str] = json.loads((ROOT / "tests/house/contract_digests.json").read_text(encoding="utf-8"))


def digests() -> dict[str, str]:
    """The SHA-256 of every contract file by its name."""
    files = sorted((ROOT / "fixtures/contracts").glob("*.yaml"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_released_contract_file_never_changes() -> None:
    now = digests()

    assert {name: now.get(name) for name in PINNED} == PINNED, "add a new version instead of changing a released one"


def test_every_contract_file_is_pinned() -> None:
    new = {name: digest for name, digest in digests().items() if name not in PINNED}

    assert new == {}, f"add to tests/house/contract_digests.json: {json.dumps(new, indent=2)}"


def test_the_exported_schema_is_the_one_of_the_loader() -> None:
    exported = (ROOT / "docs/contract.schema.json").read_text(encoding="utf-8")

    assert exported == schema_text(catalog()), "run: manage.py load_contracts --export-schema docs/contract.schema.json"
