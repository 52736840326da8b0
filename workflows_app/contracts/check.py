"""What a contract of sound shape means: every name, type, query, rule, operation and limit of DESIGN.md section 4.

Findings only; `contracts/load.py` gives them their places in the file and raises.
"""

from collections.abc import Iterable, Mapping

from workflows_app.contracts.catalog import Catalog, Column
from workflows_app.contracts.checking.context import base_types, check_context, check_query, context_types
from workflows_app.contracts.checking.limits import check_started_by
from workflows_app.contracts.checking.names import check_after, check_names, check_needs, needed_by
from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.checking.results import step_type
from workflows_app.contracts.checking.start import check_inputs, check_retry, check_trigger
from workflows_app.contracts.checking.walk import Walk
from workflows_app.contracts.expressions import ExpressionError, TypeScope, free_names, types
from workflows_app.contracts.problems import Finding
from workflows_app.contracts.schema import Contract, Expression, Step, VerifyCheck


def check(contract: Contract, catalog: Catalog, *, lost: frozenset[str] = frozenset()) -> list[Finding]:
    """Everything that is wrong with `contract`; nothing is said about the names in `lost`."""
    report = Report(contract=contract, catalog=catalog, lost=lost)
    check_names(report)
    check_needs(report)
    check_trigger(report)
    check_started_by(report)
    check_inputs(report)
    check_retry(report)
    read = check_context(report, base_types(report))
    for index, condition in enumerate(contract.preconditions):
        report.rule(condition.rule, Place(path=("preconditions", index, "rule"), types=read))
    planned = read.bind("steps", _steps(report))
    _check_texts(report, planned)
    for index, step in enumerate(contract.fan_out):
        _check_step(report, step, Place(path=("fan_out", index), types=planned), read)
    for index, verify in enumerate(contract.verify):
        _check_verify(report, verify, Place(path=("verify", index), types=planned, visible=_all_steps(contract)), read)
    check_after(report, stages_proposal)
    return report.findings


def stages_proposal(step: Step) -> bool:
    """Whether a step of this kind stages a proposal: such steps take recheck rules."""
    return "recheck" in type(step).model_fields


def _all_steps(contract: Contract) -> frozenset[str]:
    return frozenset(step.name for step in contract.fan_out)


def _steps(report: Report) -> types.Type:
    known = {step.name: step_type(step, report.catalog) for step in report.contract.fan_out}
    return types.row_of({**dict.fromkeys(report.lost, types.UNKNOWN), **known})


def _check_texts(report: Report, planned: TypeScope) -> None:
    """The texts of the card and the tags of the memory, which see every step."""
    contract = report.contract
    everything = Place(path=(), types=planned, visible=_all_steps(contract))
    for name in ("summary", "amount", "customer_name"):
        text = getattr(contract.gate, name)
        if text is not None:
            report.template(text, everything.under("gate", name))
    for index, tag in enumerate(contract.reflexion.tags):
        report.template(tag, everything.under("reflexion", "tags", index))


def _check_step(report: Report, step: Step, place: Place, read: TypeScope) -> None:
    place = Place(path=place.path, types=place.types, visible=needed_by(step, report.contract.fan_out))
    skip = frozenset({"name", "kind", "needs"})
    Walk(report, step.name, _fresh(report, read, place)).model(step, place, skip)
    _own_problems(report, step, place)


def _check_verify(report: Report, verify: VerifyCheck, place: Place, read: TypeScope) -> None:
    skip = {"name", "kind", "window", "after", "of"}
    found = {name: types.type_of_column(Column(kind=kind)) for name, kind in verify.finds.items()}
    if isinstance(sql := getattr(verify, "sql", None), str):
        skip |= {"sql", "params", "tables"}
        found |= _check_verify_query(report, verify, sql, place)
    if isinstance(expect := getattr(verify, "expect", None), Expression):
        skip |= {"expect"}
        names = TypeScope(names={**place.types.names, **found}, tables=place.types.tables)
        report.rule(expect, Place(path=(*place.path, "expect"), types=names, visible=place.visible))
    Walk(report, "", _fresh(report, read, place)).model(verify, place, frozenset(skip))
    _own_problems(report, verify, place)


def _check_verify_query(report: Report, verify: VerifyCheck, sql: str, place: Place) -> Mapping[str, types.Type]:
    """Check the query; what it finds: `rows`, their number, and `value`, the first column of the first row."""
    query = check_query(report, sql, getattr(verify, "params", ()), place, tables=getattr(verify, "tables", None))
    if query is None:
        return {"rows": types.INTEGER, "value": types.UNKNOWN}
    if query.aggregate_only and ("rows",) in _names(getattr(verify, "expect", "")):
        message = "an aggregate without GROUP BY always returns a row; say what value should be"
        report.add(place.under("expect").path, message)
    return {"rows": types.INTEGER, "value": types.type_of_column(next(iter(query.columns.values()), None))}


def _names(expression: str) -> Iterable[tuple[str, ...]]:
    try:
        return free_names(expression)
    except ExpressionError:
        return ()


def _fresh(report: Report, read: TypeScope, place: Place) -> Place:
    """What recheck rules see: inputs and context, freshly loaded, the context as it `was`, the steps as they were."""
    entries = {**dict.fromkeys(report.lost, types.UNKNOWN), **context_types(report.contract, read)}
    known = read.bind("was", types.row_of(entries)).bind("steps", place.types.names["steps"])
    return Place(path=(), types=known, visible=place.visible)


def _own_problems(report: Report, model: Step | VerifyCheck, place: Place) -> None:
    """What a kind has to say about its options, when it has: paths below it, and messages."""
    problems = getattr(model, "problems", None)
    for path, message in problems(report.contract, report.catalog) if problems is not None else ():
        report.add((*place.path, *path), message)
