"""Search the memory: what was written down when runs ended."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from workflows_app.models import ReflexionLog
from workflows_app.reading.memory import postgresql, sqlite
from workflows_app.reading.memory.question import has_word, tags_of, terms_of
from workflows_app.reading.memory.text import Piece, excerpt, headline, plain

MOST_FOUND: Final = 10_000
_BEST_AMONG: Final = 500  # scoring costs time for each match; what is older than so many is rarely meant
_DATABASES: Final[dict[str, Any]] = {"sqlite": sqlite, "postgresql": postgresql}


@dataclass(frozen=True, kw_only=True)
class Memory:
    """What one run remembers. `title`: what it was about; `excerpt`: the passage of the rest with the found words."""

    run_id: str
    workflow_type: str
    status: str
    proposal_id: str
    tags: tuple[str, ...]
    created_at: datetime
    narrative: str
    title: tuple[Piece, ...]
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True, kw_only=True)
class Found:
    """One page of a search; `more`: there is a next one."""

    rows: tuple[Memory, ...]
    more: bool


def search(
    words: str,
    tags: str = "",
    *,
    best_first: bool = False,
    limit: int = 20,
    offset: int = 0,
    told: Callable[[str], str] = str,
) -> Found:
    """What has every word of `words` and every tag of `tags` (comma between them), newest first. Never an error.

    `"school lunch"`: words in a row; `deliv*`: the beginning of a word. Words are found in all their English forms.
    Without words and tags: everything, newest first. `best_first`: by fit, among the newest 500 found. No row after the
    first 10,000 is given. A constant number of queries. `told`: what is made of a narrative, found words
    marked in it, before its headline and its excerpt are cut out.
    """
    offset = min(max(offset, 0), MOST_FOUND)
    limit = min(limit, MOST_FOUND - offset)
    found = _matches(words, tags, best_first, limit + 1, offset)
    more = len(found) > limit and offset + limit < MOST_FOUND
    return Found(rows=_memories([(run_id, told(text)) for run_id, text in found[:limit]]), more=more)


def _matches(words: str, tags: str, best_first: bool, limit: int, offset: int) -> list[tuple[str, str]]:
    terms, wanted = terms_of(words), tags_of(tags)
    if (words.strip() and not terms) or not all(map(has_word, wanted)):
        return []  # nothing without a letter or a digit is written down as a word or a tag
    if not terms and not wanted:
        return _everything(limit, offset)
    database = _DATABASES[connection.vendor]
    if best_first:
        found: list[tuple[str, str]] = database.best(terms, wanted, limit, offset, _BEST_AMONG)
    else:
        found = database.newest(terms, wanted, limit, offset)
    return found


def _everything(limit: int, offset: int) -> list[tuple[str, str]]:
    rows = ReflexionLog.objects.order_by("-created_at", "run_id").values_list("run_id", "narrative")
    return list(rows[offset : offset + limit])


def _memories(found: Sequence[tuple[str, str]]) -> tuple[Memory, ...]:
    """The rows in full, in the order found."""
    long = (f"run__{name}" for name in ("context", "plan", "checks", "inputs", "trigger", "edits"))
    rows = ReflexionLog.objects.select_related("run").defer(*long).in_bulk([run_id for run_id, _narrative in found])
    return tuple(_memory(rows[run_id], narrative) for run_id, narrative in found if run_id in rows)


def _memory(row: ReflexionLog, narrative: str) -> Memory:
    return Memory(
        run_id=row.run_id,
        workflow_type=row.run.workflow_type,
        status=row.run.status,
        proposal_id=row.run.proposal_id,
        tags=tuple(tag for tag in row.tags.split(",") if tag),
        created_at=row.created_at,
        narrative=plain(row.narrative),
        title=headline(narrative),
        excerpt=excerpt(narrative),
    )
