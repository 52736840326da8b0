"""Context entries: their SQL or provider, their parameters, and the types that they give to the names of a contract."""

from collections.abc import Mapping, Sequence

from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.expressions import Type, TypeScope, types
from workflows_app.contracts.expressions.types import Kind
from workflows_app.contracts.problems import Path, suggestion
from workflows_app.contracts.schema import ContextEntry, Contract
from workflows_app.contracts.sql import CompiledQuery, Parameter, QueryError, compile_query
from workflows_app.contracts.sql.mentioned import mentioned_tables

_RUN = types.row_of({"id": types.TEXT, "started_at": types.DATETIME})


def base_types(report: Report) -> TypeScope:
    """What every expression may use: inputs (also bare) and the run."""
    contract = report.contract
    inputs = {spec.name: types.type_of_input(spec.type) for spec in contract.inputs}
    known = dict.fromkeys(report.lost, types.UNKNOWN)
    return TypeScope(
        names={**known, **inputs, "inputs": types.row_of({**known, **inputs}), "run": _RUN},
        tables=report.catalog.tables,
    )


def check_context(report: Report, scope: TypeScope) -> TypeScope:
    """Check every entry in order; an entry's parameters see the inputs and the entries before it."""
    for index, entry in enumerate(report.contract.context):
        place = Place(path=("context", index), types=scope)
        scope = scope.bind(entry.name, _entry(report, entry, place))
    return scope


def _entry(report: Report, entry: ContextEntry, place: Place) -> Type:
    if entry.provider is not None:
        return _provider(report, entry, place)
    if isinstance(entry.params, dict):
        report.add(place.under("params").path, "SQL takes a list of parameters, one for each ?")
        return types.UNKNOWN
    if not entry.tables:
        report.add(place.under("tables").path, "is missing: name the tables that the SQL reads")
        return types.UNKNOWN
    query = check_query(report, entry.sql or "", entry.params, place, tables=entry.tables)
    return types.UNKNOWN if query is None else _shaped(report, entry, query, place)


def check_query(
    report: Report, sql: str, params: Sequence[str], place: Place, *, tables: Sequence[str] | None
) -> CompiledQuery | None:
    """Check SQL with its parameters; None when it is not what contract SQL may be.

    Without declared `tables`, those that it names count as declared.
    """
    given = [report.expression(text, place.under("params", index)) for index, text in enumerate(params)]
    if "${{" in sql:
        report.add(place.under("sql").path, "SQL takes values as ? and params, not as ${{ }}", sql.index("${{"))
        return None
    if not _known_tables(report, tables or (), place):
        return None
    try:
        named = mentioned_tables(sql) if tables is None else tuple(tables)
        query = compile_query(sql, tables=named, catalog=report.catalog.tables)
    except QueryError as error:
        for problem in error.problems:
            report.add(place.under("sql").path, problem.message, _offset(sql, problem.line, problem.column))
        return None
    _check_parameters(report, query, given, place.under("params").path)
    return query


def _known_tables(report: Report, tables: Sequence[str], place: Place) -> bool:
    unknown = [(index, table) for index, table in enumerate(tables) if table not in report.catalog.tables]
    for index, table in unknown:
        message = f"there is no table {table}{suggestion(table, report.catalog.tables)}"
        report.add(place.under("tables", index).path, message)
    return not unknown


def _check_parameters(report: Report, query: CompiledQuery, given: Sequence[Type], path: Path) -> None:
    """As many parameters as `?`, a list for `IN (?)` and one value elsewhere, each of the type it is compared with."""
    if len(given) != len(query.parameters):
        report.add(path, f"the SQL has {len(query.parameters)} ?, and {len(given)} parameters are given")
        return
    for index, (wanted, found) in enumerate(zip(query.parameters, given, strict=True)):
        message = _misfit(wanted, found)
        if message:
            report.add((*path, index), message)


def _misfit(wanted: Parameter, found: Type) -> str:
    """Why a value of this type cannot stand for a `?`; empty when it can."""
    if wanted.usage == "in" and found.family not in ("", "list"):
        return f"IN (?) takes a list, and this is {found.kind}; write list(…)"
    one = found.elements if wanted.usage == "in" else found
    if one.family in ("list", "row"):
        return f"this ? takes one value, and this is a {one.kind}"
    family = Type(kind=_KINDS.get(wanted.kind, "unknown")).family
    if family and one.family and family != one.family:
        return f"this ? is compared with {wanted.kind}, and this is {one.kind}"
    return ""


_KINDS: Mapping[str, Kind] = {
    "text": "text",
    "integer": "integer",
    "natural": "integer",
    "decimal": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "moment": "datetime",
}


def _offset(text: str, line: int, column: int) -> int:
    """The character at a line and column that count from 1."""
    lines = text.split("\n")
    before = sum(len(each) + 1 for each in lines[: max(line, 1) - 1])
    return min(before + max(column, 1) - 1, len(text))


def _shaped(report: Report, entry: ContextEntry, query: CompiledQuery, place: Place) -> Type:
    """The type of an entry by its shape."""
    columns = {name: types.type_of_column(column) for name, column in query.columns.items()}
    if entry.shape == "value":
        return next(iter(columns.values()), types.UNKNOWN)
    if entry.shape == "one":
        return types.row_of(columns)
    return types.list_of(_group(report, entry, columns, place) if entry.shape == "groups" else types.row_of(columns))


def _group(report: Report, entry: ContextEntry, columns: Mapping[str, Type], place: Place) -> Type:
    for index, name in enumerate(entry.group_by):
        if name not in columns:
            report.add(place.under("group_by", index).path, f"the SQL has no column {name}{suggestion(name, columns)}")
    if "rows" in entry.group_by:
        report.add(place.under("group_by").path, "the name rows is taken by the rows of each group")
    rest = {name: found for name, found in columns.items() if name not in entry.group_by}
    same = {name: columns[name] for name in entry.group_by if name in columns}
    return types.row_of({**same, "rows": types.list_of(types.row_of(rest))})


def _provider(report: Report, entry: ContextEntry, place: Place) -> Type:
    """A registered provider with exactly the parameters it takes gives a list of rows."""
    spec = report.catalog.providers.get(entry.provider or "")
    if spec is None:
        known = suggestion(entry.provider or "", report.catalog.providers)
        report.add(place.under("provider").path, f"there is no provider {entry.provider}{known}")
        return types.UNKNOWN
    if entry.shape != "all":
        report.add(place.under("shape").path, "a provider gives a list of rows; leave shape out")
    params = place.under("params")
    if not isinstance(entry.params, dict):
        report.add(params.path, "the parameters of a provider go by name, as a mapping")
        return types.UNKNOWN
    for name, text in entry.params.items():
        report.expression(text, params.under(name))
        if name not in spec.params:
            message = f"{spec.name} takes no parameter {name}{suggestion(name, spec.params)}"
            report.add(params.under(name).path, message, at_key=True)
    for name in spec.params:
        if name not in entry.params:
            report.add(params.path, f"{spec.name} needs the parameter {name}")
    return types.list_of(types.type_of_columns(dict(spec.columns)))


def context_types(contract: Contract, scope: TypeScope) -> Mapping[str, Type]:
    """The types of the context entries alone, for `was`."""
    return {entry.name: scope.names.get(entry.name, types.UNKNOWN) for entry in contract.context}
