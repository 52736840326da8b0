"""The search on PostgreSQL: the generated column `words`, and an index of the tags."""

from collections.abc import Sequence
from typing import Any, Final

from django.db import connection

from workflows_app.reading.memory.question import Term
from workflows_app.reading.memory.text import WORD, marked

# As the column is made: anything but letters and digits parts words.
_PARTED: Final = "regexp_replace(%s, '[^[:alnum:]]+', ' ', 'g')"
_IN_A_ROW: Final = f"phraseto_tsquery('english', {_PARTED})"
_BEGINNING: Final = f"to_tsquery('english', '''' || {_PARTED} || ''':*')"
_SHOWN: Final = 20_000  # characters of a narrative in which words are marked
# What many of the newest have is found soonest from the newest on; walking so to what few have would read every row.
_LOOKED_AT: Final = 5_000
_MANY: Final = 50
_HOW_MANY: Final = """
    SELECT count(*) FROM (SELECT words, tags FROM reflexion_log ORDER BY created_at DESC LIMIT {looked_at}) AS newest
    WHERE {conditions}
"""
_FROM_THE_NEWEST: Final = """
    SELECT run_id, left(narrative, {shown}) AS narrative, created_at, words FROM reflexion_log
    WHERE {conditions} ORDER BY created_at DESC, run_id LIMIT %s OFFSET %s
"""
# Materialised, so that the planner finds all of them by the index of words and does not walk from the newest on.
_BY_THE_INDEX: Final = """
    SELECT run_id, left(narrative, {shown}) AS narrative, created_at, words FROM reflexion_log WHERE run_id IN (
        WITH found AS MATERIALIZED (SELECT run_id, created_at FROM reflexion_log WHERE {conditions})
        SELECT run_id FROM found ORDER BY created_at DESC, run_id LIMIT %s OFFSET %s
    ) ORDER BY created_at DESC, run_id
"""
_BEST: Final = (
    "SELECT run_id, narrative FROM ({matches}) AS newest ORDER BY ts_rank(words, {query}) DESC, created_at DESC, run_id"
    " LIMIT %s OFFSET %s"
)
_WORDS: Final = "SELECT word FROM unnest(%s::text[]) AS word WHERE to_tsvector('english', word) @@ ({query})"

Values = list[Any]


def newest(terms: Sequence[Term], tags: Sequence[str], limit: int, offset: int) -> list[tuple[str, str]]:
    """(run id, marked narrative) of what has all terms and all tags, newest first. At least one term or tag."""
    sql, values = _matches(terms, tags)
    return _mark(_rows(sql, [*values, limit, offset]), terms)


def best(terms: Sequence[Term], tags: Sequence[str], limit: int, offset: int, among: int) -> list[tuple[str, str]]:
    """The same with what fits best first, of the newest `among`."""
    if not terms:
        return newest(terms, tags, limit, offset)
    sql, values = _matches(terms, tags)
    query, asked = _query(terms, " && ")
    found = _rows(_BEST.format(matches=sql, query=query), [*values, among, 0, *asked, limit, offset])
    return _mark(found, terms)


def _matches(terms: Sequence[Term], tags: Sequence[str]) -> tuple[str, Values]:
    conditions: list[str] = []
    values: Values = []
    if terms:
        query, values = _query(terms, " && ")
        conditions.append(f"words @@ ({query})")
    if tags:
        conditions.append("string_to_array(tags::text, ',') @> %s::text[]")
        values = [*values, list(tags)]
    said = " AND ".join(conditions)
    how_many = _fetch(_HOW_MANY.format(looked_at=_LOOKED_AT, conditions=said), values)[0][0]
    way = _FROM_THE_NEWEST if int(how_many) >= _MANY else _BY_THE_INDEX
    return way.format(shown=_SHOWN, conditions=said), values


def _query(terms: Sequence[Term], between: str) -> tuple[str, Values]:
    sql = between.join(_BEGINNING if term.prefix else _IN_A_ROW for term in terms)
    return sql, [term.text for term in terms]


def _mark(found: list[tuple[str, str]], terms: Sequence[Term]) -> list[tuple[str, str]]:
    """Ask once which words of all these narratives are meant: only the database knows its stems."""
    words = sorted({word.lower() for _run, narrative in found for word in WORD.findall(narrative)})
    if not terms or not words:
        return found
    parts = [Term(text=word, prefix=term.prefix) for term in terms for word in WORD.findall(term.text)]
    query, asked = _query(parts, " || ")
    meant = {word for (word,) in _fetch(_WORDS.format(query=query), [words, *asked])}
    return [(run, marked(narrative, meant)) for run, narrative in found]


def _rows(sql: str, values: Values) -> list[tuple[str, str]]:
    return [(row[0], row[1]) for row in _fetch(sql, values)]


def _fetch(sql: str, values: Values) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        rows: list[tuple[str, ...]] = cursor.fetchall()
    return rows
