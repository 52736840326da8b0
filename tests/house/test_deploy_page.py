"""docs/deploy.md explains every setting there is."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_for_several_hosts_names_every_setting() -> None:
    settings = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    page = (ROOT / "docs/deploy.md").read_text(encoding="utf-8")

    names = set(re.findall(r'env\.[a-z_]+\(\s*"([A-Z_]+)"', settings))
    assert len(names) > 30
    assert {name for name in names if f"`{name}`" not in page} == set()
