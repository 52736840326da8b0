"""The instructions, as files under `templates/drafting/`. They are fixed text: nothing is ever filled into them."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings


@lru_cache(maxsize=8)
def instructions(name: str) -> str:
    """The instructions for `name`: `letter`, `reflexion` or `triage`."""
    return (Path(settings.BASE_DIR) / "templates" / "drafting" / f"{name}.txt").read_text(encoding="utf-8").strip()
