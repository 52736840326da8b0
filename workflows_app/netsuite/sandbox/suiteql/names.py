"""Which table a name of a query belongs to, and NetSuite's words for a name that belongs to none."""

from sqlglot import exp

from workflows_app.netsuite.sandbox.suiteql.dialect import refused
from workflows_app.netsuite.sandbox.suiteql.vocabulary import TABLES

_PSEUDO = {"rownum", "sysdate", "current_date", "systimestamp", "current_timestamp"}


def check_names(query: exp.Query) -> None:
    """Make every name lower-case, then raise `RestError` for a table or column that is not there."""
    for identifier in query.find_all(exp.Identifier):
        identifier.set("this", identifier.this.lower())
    for join in query.find_all(exp.Column):
        if join.args.get("join_mark"):
            raise refused("The sandbox does not know (+); write LEFT JOIN")
    known = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in query.find_all(exp.Table):
        if table.name not in TABLES and table.name not in known:
            raise refused(f"Search error occurred: Record '{table.name}' was not found")
    for column in query.find_all(exp.Column):
        _check_column(column)


def _check_column(column: exp.Column) -> None:
    sources = _sources(column)
    aliases = {one.alias for select in _selects(column) for one in select.selects}
    if column.name in _PSEUDO or (column.name in aliases and not column.table):
        return
    candidates = {column.table: sources[column.table]} if column.table in sources else sources
    if any(name not in TABLES or column.name in TABLES[name].columns for name in candidates.values()):
        return
    record = next(iter(candidates.values()), "")
    raise refused(f"Search error occurred: Field '{column.name}' for record '{record}' was not found. Reason: "
                  "REMOVED - Field is removed")  # fmt: skip


def table_of(column: exp.Column) -> str:
    """The known table of a qualified column; empty when it comes out of a subquery."""
    name = _sources(column).get(column.table, "")
    return name if name in TABLES else ""


def _selects(node: exp.Expr) -> list[exp.Select]:
    found, select = [], node.find_ancestor(exp.Select)
    while select is not None:
        found.append(select)
        select = select.find_ancestor(exp.Select)
    return found


def _sources(column: exp.Column) -> dict[str, str]:
    """Alias and name of every source that the column can see; the nearest wins. Subqueries have no name."""
    sources: dict[str, str] = {}
    for select in _selects(column):
        parts = [select.args.get("from_"), *(select.args.get("joins") or [])]
        for source in (part.this for part in parts if part is not None):
            name = source.name if isinstance(source, exp.Table) else ""
            sources.setdefault(source.alias_or_name or f"subquery {len(sources)}", name)
    return sources
