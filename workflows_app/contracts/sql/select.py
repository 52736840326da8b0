"""SELECT and UNION as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from workflows_app.contracts.sql.fragments import INTEGER, Fragment, Pieces, compose, join, text
from workflows_app.contracts.sql.grouping import check_grouped, positioned, read_group, read_having
from workflows_app.contracts.sql.order import Term, order_terms
from workflows_app.contracts.sql.outputs import Output, read_outputs
from workflows_app.contracts.sql.query import ROW_CAP, Query
from workflows_app.contracts.sql.reader import Reader
from workflows_app.contracts.sql.scope import Scope
from workflows_app.contracts.sql.sources import read_from, read_where, read_with
from workflows_app.contracts.sql.types import assume, unify

_SELECT = frozenset(
    {"with_", "expressions", "distinct", "from_", "joins", "where", "group", "having", "order", "limit", "offset"}
)
_UNION = frozenset({"with_", "this", "expression", "distinct", "order", "limit", "offset"})
_WRAPPED = "result_"
Reading = Callable[[exp.Expr], Fragment]


@dataclass(frozen=True, kw_only=True)
class _Core:
    """One SELECT without ORDER BY and LIMIT."""

    scope: Scope
    outputs: Sequence[Output]
    source: Fragment
    clauses: Sequence[Fragment]
    group: Sequence[Fragment]
    distinct: bool = False
    aggregate_only: bool = False

    @property
    def sql(self) -> Fragment:
        """The SELECT as written for both databases."""
        columns = join(", ", [output.sql for output in self.outputs])
        head = compose(None, f"SELECT {'DISTINCT ' if self.distinct else ''}{{0}}", columns)
        return join("", [head, self.source, *self.clauses])


@dataclass(frozen=True, kw_only=True)
class _Tail:
    """What follows a SELECT or UNION: its order and its limit."""

    terms: Sequence[Term]
    limit: Fragment | None
    offset: Fragment | None


def read_query(reader: Reader, node: exp.Expr, parent: Scope, *, outermost: bool = False) -> Query:
    """A SELECT or UNION. The outermost one is always ordered completely, and so is one with a LIMIT."""
    inner = node.this if isinstance(node, exp.Subquery) and reader.covers(node, frozenset({"this"})) else node
    scope = Scope(parent=parent, ctes=parent.ctes)
    if isinstance(inner, exp.Select) and reader.covers(inner, _SELECT):
        return _select(reader, inner, scope, outermost=outermost)
    if type(inner) is exp.Union and reader.covers(inner, _UNION):
        return _union(reader, inner, scope, outermost=outermost)
    if not isinstance(inner, exp.Select | exp.Union):
        reader.problem(inner, f"needs a SELECT, this is {type(inner).__name__.upper()}")
    return Query(body=text("SELECT NULL"), columns={})


def _select(reader: Reader, node: exp.Select, scope: Scope, *, outermost: bool) -> Query:
    with_ = read_with(reader, node, scope)
    core = _core(reader, node, scope)
    tail = _tail(reader, node, core.outputs, lambda item: reader.expression(item, scope))
    if core.group or core.aggregate_only:
        check_grouped(reader, scope, core.group, [(entry.node, entry.value) for entry in tail.terms])
    if core.distinct:
        body = _wrap(reader, core.sql, core.outputs, tail, outermost=outermost)
    elif core.aggregate_only:
        body = join("", [core.sql, _limits(tail, outermost=False)])
    else:
        terms = _complete(core, tail) if outermost or tail.limit is not None else tail.terms
        body = join("", [core.sql, _ordered(terms), _limits(tail, outermost=outermost)])
    return _query(node, scope, with_, body, core.outputs, tail, aggregate_only=core.aggregate_only)


def _core(reader: Reader, node: exp.Select, scope: Scope) -> _Core:
    source = read_from(reader, node, scope)
    where = read_where(reader, node, scope)
    outputs = read_outputs(reader, node, scope)
    scope.outputs = {output.name: output.value for output in outputs}
    group = read_group(reader, node, scope, outputs)
    having = read_having(reader, node, scope)
    parts = [(output.node, output.value) for output in outputs] + ([(node, having)] if having is not None else [])
    aggregate_only = not group and any(value.aggregate for _, value in parts)
    if group or aggregate_only:
        check_grouped(reader, scope, group, parts)
    return _Core(
        scope=scope,
        outputs=outputs,
        source=source,
        clauses=_clauses(where, group, having),
        group=group,
        distinct=_distinct(reader, node),
        aggregate_only=aggregate_only,
    )


def _clauses(where: Fragment | None, group: Sequence[Fragment], having: Fragment | None) -> list[Fragment]:
    clauses = [where] if where is not None else []
    clauses += [compose(None, " GROUP BY {0}", join(", ", group))] if group else []
    return clauses + ([compose(None, " HAVING {0}", having)] if having is not None else [])


def _distinct(reader: Reader, node: exp.Select) -> bool:
    distinct = node.args.get("distinct")
    return distinct is not None and reader.covers(distinct, frozenset())


def _union(reader: Reader, node: exp.Union, scope: Scope, *, outermost: bool) -> Query:
    with_ = read_with(reader, node, scope)
    cores, words = _parts(reader, node, scope)
    if len({len(core.outputs) for core in cores}) != 1:
        reader.problem(node, "the parts of a UNION must have the same number of columns")
        return Query(body=text("SELECT NULL"), columns={})
    cores = _unified(reader, node, cores)
    outputs = cores[0].outputs
    pieces = [compose(None, f"{word}{{0}}", core.sql) for word, core in zip(words, cores, strict=True)]
    own = {str(source.serial) for core in cores for source in core.scope.sources.values()}
    inner = _closed(join("", pieces), own)
    tail = _tail(reader, node, outputs, lambda item: reader.problem(item, "ORDER BY of a UNION names a result column"))
    body = _wrap(reader, inner, outputs, tail, outermost=outermost)
    return _query(node, scope, with_, body, outputs, tail, aggregate_only=False)


def _parts(reader: Reader, node: exp.Expr, scope: Scope) -> tuple[list[_Core], list[str]]:
    """The SELECTs of a UNION from left to right, each with the words before it."""
    if type(node) is exp.Union:
        reader.covers(node, _UNION)
        left, words = _parts(reader, node.this, scope)
        right, _ = _parts(reader, node.expression, scope)
        return left + right, words + [" UNION " if node.args.get("distinct") else " UNION ALL "] * len(right)
    part = Scope(parent=scope.parent, ctes=scope.ctes)
    if not isinstance(node, exp.Select):
        reader.problem(node, "the parts of a UNION must be plain SELECTs")
        return [], []
    if reader.covers(node, _SELECT - {"with_", "order", "limit", "offset"}):
        return [_core(reader, node, part)], [""]
    return [], []


def _unified(reader: Reader, node: exp.Union, cores: list[_Core]) -> list[_Core]:
    """The parts with each column in the type that all of them share."""
    rows = []
    for column in zip(*(core.outputs for core in cores), strict=True):
        values, type = unify(reader, node, [output.value for output in column])
        rows.append([replace(output, value=replace(v, type=type)) for output, v in zip(column, values, strict=True)])
    return [replace(core, outputs=outputs) for core, outputs in zip(cores, zip(*rows, strict=True), strict=True)]


def _tail(reader: Reader, node: exp.Expr, outputs: Sequence[Output], read: Reading) -> _Tail:
    order = node.args.get("order")
    terms = order_terms(reader, order, lambda item: _ordering(reader, item, outputs) or read(item)) if order else []
    return _Tail(
        terms=terms,
        limit=_amount(reader, node, "limit"),
        offset=_amount(reader, node, "offset"),
    )


def _ordering(reader: Reader, item: exp.Expr, outputs: Sequence[Output]) -> Fragment | None:
    """The result column that an ORDER BY item names or counts; before any other column of that name."""
    if isinstance(item, exp.Column) and item.args.get("table") is None and isinstance(item.this, exp.Identifier):
        name = reader.name(item.this)
        return next((output.value for output in outputs if output.name == name), None)
    return positioned(item, outputs)


def _amount(reader: Reader, node: exp.Expr, clause: str) -> Fragment | None:
    """LIMIT or OFFSET: a whole number or `?`."""
    found = node.args.get(clause)
    if found is None or not reader.covers(found, frozenset({"expression"})):
        return None
    value = found.expression
    if isinstance(value, exp.Literal) and value.is_int:
        return text(str(int(value.this)))
    if isinstance(value, exp.Placeholder):
        return assume(reader.expression(value, Scope()), INTEGER, "natural")
    return reader.problem(value, f"{clause.upper()} takes a number or ?")


def _complete(core: _Core, tail: _Tail) -> list[Term]:
    """The terms, and behind them the result columns, so that no tie is left to the database's mood.

    Behind a primary key (or all of GROUP BY) there are no ties, so the rest is left out.
    """
    terms = list(tail.terms)
    for output in core.outputs:
        seen = {entry.value.sqlite for entry in terms}
        if _decided(core, seen):
            break
        if output.value.type is not None and output.value.constant is None and output.value.sqlite not in seen:
            terms.append(Term(value=output.value, node=output.node))
    return terms


def _decided(core: _Core, seen: set[Pieces]) -> bool:
    if core.group:
        return all(value.sqlite in seen for value in core.group)
    sources = list(core.scope.sources.values())
    return len(sources) == 1 and bool(sources[0].key) and sources[0].column(sources[0].key).sqlite in seen


def _wrap(reader: Reader, inner: Fragment, outputs: Sequence[Output], tail: _Tail, *, outermost: bool) -> Fragment:
    """DISTINCT and UNION are ordered from outside: PostgreSQL orders them by plain result columns only."""
    names = {output.value.sqlite: output for output in reversed(outputs)}
    terms = [_outer_term(reader, entry, names) for entry in tail.terms]
    if outermost or tail.limit is not None:
        seen = {entry.value.sqlite for entry in terms}
        rest = [Term(value=_outer(output), node=output.node) for output in outputs if output.value.type is not None]
        terms += [entry for entry in rest if entry.value.sqlite not in seen]
    wrapped = join("", [text("SELECT * FROM ("), inner, text(f') AS "{_WRAPPED}"')])
    return join("", [wrapped, _ordered(terms), _limits(tail, outermost=outermost)])


def _outer_term(reader: Reader, entry: Term, names: dict[Pieces, Output]) -> Term:
    output = names.get(entry.value.sqlite)
    if output is None:
        reader.problem(entry.node, "ORDER BY of a DISTINCT query or UNION must name a result column")
        return entry
    return replace(entry, value=_outer(output))


def _outer(output: Output) -> Fragment:
    return text(f'"{_WRAPPED}"."{output.name}"', output.value.type)


def _ordered(terms: Sequence[Term]) -> Fragment:
    return compose(None, " ORDER BY {0}", join(", ", [entry.sql for entry in terms])) if terms else text("")


def _limits(tail: _Tail, *, outermost: bool) -> Fragment:
    """LIMIT and OFFSET; without a limit the outermost query stops one row past the cap, which is then an error."""
    limit = tail.limit or (text(str(ROW_CAP + 1)) if outermost else None)
    parts = [compose(None, " LIMIT {0}", limit)] if limit is not None else []
    return join("", parts + ([compose(None, " OFFSET {0}", tail.offset)] if tail.offset is not None else []))


def _closed(body: Fragment, own: set[str]) -> Fragment:
    """A query as its surroundings see it: only columns of queries around it are left loose."""
    loose = frozenset(place for place in body.loose if place.partition(".")[0] not in own)
    return replace(body, loose=loose, aggregate=False, window=False)


def _query(
    node: exp.Expr,
    scope: Scope,
    with_: Fragment | None,
    body: Fragment,
    outputs: Sequence[Output],
    tail: _Tail,
    *,
    aggregate_only: bool,
) -> Query:
    own = {str(source.serial) for source in scope.sources.values()}
    one = isinstance(node.args.get("limit"), exp.Limit) and node.args["limit"].expression.name == "1"
    return Query(
        body=_closed(body if with_ is None else join("", [with_, body]), own),
        columns={output.name: output.value.type for output in outputs},
        ordered=node.args.get("order") is not None,
        aggregate_only=aggregate_only,
        single=aggregate_only or one,
    )
