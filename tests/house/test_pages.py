"""What the README and the other pages point at is there: files, folders, links, pictures."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")})
_FENCED = re.compile(r"^```[^\n]*\n.*?^```", re.MULTILINE | re.DOTALL)
_PATH = re.compile(r"`([A-Za-z_][\w./-]*/(?:[\w-]+\.(?:py|html|js|css|yaml|json|md|txt|lark|sql|toml|typ))?)`")
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)#\s]+)[^)]*\)")
# What comes into being: the data of an installation, and the contract that the README has the reader write.
_LATER = re.compile(r"(var|staticfiles)/|fixtures/contracts/price_list_request\.v1\.yaml$")


def paths(text: str) -> set[str]:
    """The files and folders that a page names between backticks."""
    return {path for path in _PATH.findall(_FENCED.sub("", text)) if not _LATER.match(path)}


def links(text: str, *, pictures: bool = False) -> dict[str, str]:
    """The targets inside the repository, with their texts: of pictures, or of the other links."""
    found = ((bool(mark), said, target) for mark, said, target in _LINK.findall(_FENCED.sub("", text)))
    return {target: said for picture, said, target in found if picture == pictures and "://" not in target}


@pytest.fixture(scope="module")
def files() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [f"/{name}" for name in listed.split("\0") if (ROOT / name).is_file()]


def test_what_a_page_points_at_is_found() -> None:
    text = "`runner/a.py`, `docs/`, `var/x/`, `a.py`, [x](docs/x.md#y), ![p](p.png), [w](https://w.example)\n"

    assert paths(text) == {"runner/a.py", "docs/"}
    assert links(text) == {"docs/x.md": "x"}
    assert links(text, pictures=True) == {"p.png": "p"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_folder_that_a_page_names_exists(page: Path, files: list[str]) -> None:
    named = paths(page.read_text(encoding="utf-8"))

    missing = {
        path
        for path in named
        if not any(f"/{path}" in file if path.endswith("/") else file.endswith(f"/{path}") for file in files)
    }
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    targets = links(page.read_text(encoding="utf-8"))

    assert {target for target in targets if not (page.parent / target).exists()} == set()


def test_the_pictures_of_the_readme_say_what_they_show_and_are_there() -> None:
    pictures = links((ROOT / "README.md").read_text(encoding="utf-8"), pictures=True)

    missing = {target for target in pictures if not (ROOT / target).is_file()}
    assert len(pictures) == 4
    assert all(len(said) > 20 for said in pictures.values())
    assert missing == set()
