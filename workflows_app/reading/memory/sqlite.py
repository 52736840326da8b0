"""The search on SQLite: FTS5. Its index is in the order in which rows were written, so the newest is the last."""

from collections.abc import Sequence

from django.db import connection

from workflows_app.reading.memory.question import Term
from workflows_app.reading.memory.text import CLOSE, OPEN

_MATCHES = """
    SELECT run_id, highlight(reflexion_words, 1, %s, %s) AS narrative, bm25(reflexion_words) AS score, rowid AS place
    FROM reflexion_words WHERE reflexion_words MATCH %s {tags} ORDER BY rowid DESC LIMIT %s OFFSET %s
"""
_BEST = "SELECT run_id, narrative FROM ({matches}) ORDER BY score, place DESC LIMIT %s OFFSET %s"


def newest(terms: Sequence[Term], tags: Sequence[str], limit: int, offset: int) -> list[tuple[str, str]]:
    """(run id, marked narrative) of what has all terms and all tags, newest first. At least one term or tag."""
    sql, values = _matches(terms, tags)
    return _rows(sql, [*values, limit, offset])


def best(terms: Sequence[Term], tags: Sequence[str], limit: int, offset: int, among: int) -> list[tuple[str, str]]:
    """The same with what fits best first, of the newest `among`."""
    sql, values = _matches(terms, tags)
    return _rows(_BEST.format(matches=sql), [*values, among, 0, limit, offset])


def _matches(terms: Sequence[Term], tags: Sequence[str]) -> tuple[str, list[str | int]]:
    """A tag is found as words in a row, through the index, and then compared letter for letter."""
    exact = " AND instr(',' || tags || ',', %s) > 0" * len(tags)
    wanted = [*(_quoted(term.text) + (" *" if term.prefix else "") for term in terms), *map(_tag, tags)]
    return _MATCHES.format(tags=exact), [OPEN, CLOSE, " AND ".join(wanted), *(f",{tag}," for tag in tags)]


def _tag(tag: str) -> str:
    return f"tags : {_quoted(tag)}"


def _quoted(text: str) -> str:
    """Words in a row, read literally: between quotes FTS5 knows no operator."""
    return '"' + text.replace('"', '""') + '"'


def _rows(sql: str, values: Sequence[str | int]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]
