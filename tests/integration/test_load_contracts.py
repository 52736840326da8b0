"""`load_contracts`: what is released, refused and activated, through the command as people use it."""

import hashlib
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from workflows_app.models import WorkflowContract
from workflows_app.runner.release import ReleaseError, contract_for

pytestmark = pytest.mark.django_db

ITEM = Path("tests/contracts/good/item_discontinued.v1.yaml")
EVERYTHING = Path("tests/contracts/good/everything.v3.yaml")


def load(*paths: Path, **options: Any) -> list[str]:
    """The lines that the command prints."""
    output = StringIO()
    call_command("load_contracts", *map(str, paths), stdout=output, **options)
    return output.getvalue().splitlines()


def refusal(*paths: Path, **options: Any) -> CommandError:
    """The error that the command ends with."""
    with pytest.raises(CommandError) as refused:
        load(*paths, **options)
    return refused.value


def version(folder: Path, number: int, **changes: str) -> Path:
    """A further version of the contract, in a folder of its own."""
    text = ITEM.read_text(encoding="utf-8").replace("contract_version: 1", f"contract_version: {number}")
    for old, new in changes.items():
        text = text.replace(f"{old}: ", f"{new}: ", 1)
    path = folder / f"item_discontinued.v{number}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def active() -> dict[str, int]:
    """The active version of each type."""
    return dict(WorkflowContract.objects.filter(active=True).values_list("workflow_type", "contract_version"))


def test_a_contract_is_stored_letter_for_letter_and_active() -> None:
    assert load(ITEM) == ["item_discontinued v1: activated"]

    row = WorkflowContract.objects.get()
    assert row.source == ITEM.read_text(encoding="utf-8")
    assert row.sha256 == hashlib.sha256(ITEM.read_bytes()).hexdigest()
    assert (row.title, row.category, row.risk_level) == ("Item discontinued", "Purchasing", 3)
    assert row.active
    assert row.activated_at == row.loaded_at


def test_loading_again_changes_nothing() -> None:
    load(ITEM)
    before = WorkflowContract.objects.values().get()

    assert load(ITEM) == ["item_discontinued v1: unchanged"]

    assert WorkflowContract.objects.values().get() == before


def test_a_folder_loads_all_of_its_contracts() -> None:
    assert load(ITEM.parent) == [
        "everything v3: activated",
        "item_discontinued v1: activated",
        "stale_quotes v1: activated",
    ]


def test_without_a_path_the_fixtures_are_loaded() -> None:
    loaded = load()

    assert "new_customer v2: activated" in loaded
    assert active()["customer_quote"] == 2


def test_a_newer_version_takes_over_and_an_older_one_does_not(tmp_path: Path) -> None:
    load(version(tmp_path, 2))

    assert load(version(tmp_path, 3)) == ["item_discontinued v3: activated"]
    assert load(ITEM) == ["item_discontinued v1: loaded"]
    assert active() == {"item_discontinued": 3}
    assert WorkflowContract.objects.count() == 3


def test_a_version_that_a_person_went_back_to_stays_active_when_nothing_is_new(tmp_path: Path) -> None:
    newer = version(tmp_path, 2)
    load(ITEM, newer)
    WorkflowContract.objects.filter(contract_version=2).update(active=False)
    WorkflowContract.objects.filter(contract_version=1).update(active=True)

    load(ITEM, newer)

    assert active() == {"item_discontinued": 1}


def test_a_paused_workflow_stays_paused_in_its_next_version(tmp_path: Path) -> None:
    load(ITEM)
    WorkflowContract.objects.update(paused=True)

    load(version(tmp_path, 2))

    assert WorkflowContract.objects.get(active=True).paused


def test_a_released_file_never_changes(tmp_path: Path) -> None:
    load(ITEM)
    changed = tmp_path / ITEM.name
    changed.write_text(ITEM.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")

    error = refusal(changed)

    assert error.returncode == 1
    assert str(error) == (
        f"{changed}:2:19: contract_version: version 1 of item_discontinued is released with another text; "
        "a released file never changes; add version 2"
    )


def test_one_bad_contract_among_many_changes_nothing(tmp_path: Path) -> None:
    bad = version(tmp_path, 7, owner="x", category="categry")

    error = refusal(ITEM, bad, EVERYTHING)

    assert error.returncode == 1
    assert str(error) == f"{bad}:4:1: categry: unknown key; did you mean category?"
    assert not WorkflowContract.objects.exists()


def test_one_changed_contract_among_many_changes_nothing(tmp_path: Path) -> None:
    load(ITEM)
    changed = tmp_path / ITEM.name
    changed.write_text(ITEM.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")

    assert refusal(EVERYTHING, changed).returncode == 1
    assert list(active()) == ["item_discontinued"]


def test_problems_of_all_files_are_told_together(tmp_path: Path) -> None:
    one, two = version(tmp_path, 8, title="titel"), version(tmp_path, 9, category="categry")

    lines = str(refusal(one, two)).splitlines()

    assert [line.split(" ")[0] for line in lines] == [f"{one}:1:1:", f"{one}:3:1:", f"{two}:4:1:"]


def test_check_only_checks() -> None:
    assert load(ITEM, check=True) == ["item_discontinued v1: valid"]
    assert not WorkflowContract.objects.exists()


@pytest.mark.parametrize("check", [True, False])
def test_a_path_that_is_not_there_is_bad_use(tmp_path: Path, check: bool) -> None:
    error = refusal(tmp_path / "absent.v1.yaml", check=check)

    assert error.returncode == 2
    assert str(error) == f"{tmp_path / 'absent.v1.yaml'}: there is no such file or folder."


def test_a_folder_without_contracts_is_bad_use(tmp_path: Path) -> None:
    assert refusal(tmp_path).returncode == 2


def test_a_version_is_compiled_once_per_process() -> None:
    load(ITEM)
    row = WorkflowContract.objects.get()

    assert contract_for(row) is contract_for(WorkflowContract.objects.get())
    assert contract_for(row).workflow_type == "item_discontinued"


def test_a_stored_text_that_was_changed_is_not_used(tmp_path: Path) -> None:
    load(version(tmp_path, 5))
    WorkflowContract.objects.update(source="workflow_type: other", sha256="0" * 64)

    with pytest.raises(ReleaseError, match="not the one that was released"):
        contract_for(WorkflowContract.objects.get())


def test_the_schema_for_editors_is_exported(tmp_path: Path) -> None:
    path = tmp_path / "schema.json"

    load(export_schema=str(path))

    assert '"const": "d1_write"' in path.read_text(encoding="utf-8")
