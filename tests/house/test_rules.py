"""Rules of the house that no linter knows: who may write what, and that what the docs name exists."""

import ast
import re
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command, get_commands

from tests.house.run_status import run_functions, status_writes
from workflows_app.models.catalog import model_for, tables

ROOT = Path(__file__).parents[2]
CODE = ("approvals", "config", "workflows_app")


def sources() -> Iterator[tuple[str, str]]:
    """Every Python file of the product with its text."""
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def files_matching(pattern: str) -> set[str]:
    """The product's files in which a line matches."""
    return {name for name, text in sources() if re.search(pattern, text, re.MULTILINE)}


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    output = StringIO()

    call_command("makemigrations", "--check", "--dry-run", "approvals", "workflows_app", stdout=output)


def test_only_enqueue_imports_django_q() -> None:
    allowed = {"workflows_app/runner/enqueue.py", "workflows_app/admin/queue.py"}  # the second shows, it never rings

    assert files_matching(r"^\s*(from|import) django_q\b") <= allowed


def test_only_transitions_write_the_status_of_a_run() -> None:
    trees = {name: ast.parse(text) for name, text in sources()}
    functions = run_functions(trees.values())

    writers = {name for name, tree in trees.items() if status_writes(tree, functions)}

    assert writers == {"workflows_app/runner/transitions.py"}


def test_only_approvals_writes_proposals_and_decisions() -> None:
    writes = r"\b(ProposedAction|Decision)\.objects\.(create|bulk_create|update|filter\([^\n]*\)\.(update|delete)\()"

    assert {name for name in files_matching(writes) if not name.startswith("approvals/")} == set()


# Effects, and the named writers that copy outside facts (DESIGN.md section 2). The demo plays the outside world.
DEMO = "workflows_app/management/demo/"
WRITERS = {
    "workflows_app/effects/outbox.py",
    "workflows_app/effects/rows.py",
    "workflows_app/delivery/email.py",
    "workflows_app/inbox/corrections.py",
    "workflows_app/inbox/intake.py",
    "workflows_app/netsuite/aging.py",
    "workflows_app/netsuite/intervention.py",
    "workflows_app/netsuite/mirrors.py",
    "workflows_app/netsuite/push.py",  # its `.update(` is NetSuite's record, not a row
    "workflows_app/netsuite/push_queue.py",
    "workflows_app/netsuite/sync/log.py",
    "workflows_app/netsuite/sync/write.py",
    "workflows_app/management/demo_data.py",
}


def test_only_named_writers_change_the_mirror_and_the_outboxes() -> None:
    mirror = {model_for(name).__name__ for name, table in tables().items() if table.writable}
    models = mirror | {"PendingPush", "OutboundEmail", "InboundEmail", "SyncLog"}
    names = re.compile(rf"\b({'|'.join(models)})\b|\bmodel_for\(")
    writes = re.compile(r"\.(create|bulk_create|bulk_update|update|delete|get_or_create|update_or_create|save)\(")

    found = {name for name, text in sources() if names.search(text) and writes.search(text)}
    assert {name for name in found if not name.startswith(DEMO)} == WRITERS


def test_every_step_kind_and_verify_kind_has_a_test_file() -> None:
    kinds = [*(ROOT / "workflows_app/steps/kinds").glob("*.py"), *(ROOT / "workflows_app/checks/kinds").glob("*.py")]
    tests = {path.name for path in (ROOT / "tests").rglob("test_*.py")}

    missing = {kind.name for kind in kinds if kind.name != "__init__.py" and f"test_{kind.name}" not in tests}

    assert missing == set()


def test_the_commands_that_the_docs_name_exist() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
    named = {command for path in documents for command in re.findall(r"manage\.py (\w+)", path.read_text("utf-8"))}

    assert named <= set(get_commands())


def test_no_file_names_a_registry_or_a_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    foreign = re.compile(r"(py" + r"pi\.org|files\.python" + r"hosted|/wo" + r"rk/|/ro" + r"ot/)")
    texts = [ROOT / name for name in listed.split("\0") if name and not name.endswith((".gz", ".ttf", ".otf", ".png"))]

    assert {str(path) for path in texts if path.exists() and foreign.search(path.read_text("utf-8"))} == set()
