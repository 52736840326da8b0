"""Names: each means one thing, and what is named exists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from workflows_app.contracts.checking.report import Report
from workflows_app.contracts.expressions import ExpressionError, parse
from workflows_app.contracts.expressions.nodes import Name
from workflows_app.contracts.problems import Path, suggestion
from workflows_app.contracts.schema import Step

ROOTS = ("inputs", "run", "steps", "was")


def check_names(report: Report) -> None:
    """Names of inputs and context entries, and of steps, checks and post actions among themselves."""
    contract = report.contract
    values = [("inputs", index, "name", each.name) for index, each in enumerate(contract.inputs)]
    values += [("context", index, "name", each.name) for index, each in enumerate(contract.context)]
    _once(report, [((section, index, key), name) for section, index, key, name in values])
    for section, index, key, name in values:
        usable_name(report, (section, index, key), name)
    _once(
        report, [(("preconditions", index, "check"), each.check) for index, each in enumerate(contract.preconditions)]
    )
    _once(report, [(("fan_out", index, "name"), each.name) for index, each in enumerate(contract.fan_out)])
    _once(report, [(("post_actions", index, "id"), each.id) for index, each in enumerate(contract.post_actions)])
    _once(report, [(("verify", index, "name"), each.name) for index, each in enumerate(contract.verify)])


def usable_name(report: Report, path: Path, name: str) -> None:
    """A name that an expression can use: not a root such as `inputs`, not a word of the language."""
    if name in ROOTS:
        report.add(path, f"{name} always means something else here; choose another name")
        return
    try:
        usable = isinstance(parse(name), Name)
    except ExpressionError:
        usable = False
    if not usable:
        report.add(path, f"{name} is a word of the expression language; choose another name")


def _once(report: Report, named: Iterable[tuple[Path, str]]) -> None:
    seen: dict[str, Path] = {}
    for path, name in named:
        if name in seen:
            report.add(path, f"the name {name} is used twice, first in {seen[name][0]}[{seen[name][1]}]")
        seen.setdefault(name, path)


def check_needs(report: Report) -> None:
    """Every step in `needs` exists, and the needs make no circle."""
    steps = report.contract.fan_out
    known = {step.name for step in steps}
    for index, step in enumerate(steps):
        for position, needed in enumerate(step.needs):
            if needed not in known | report.lost:
                message = f"there is no step {needed}{suggestion(needed, known - {step.name})}"
                report.add(("fan_out", index, "needs", position), message)
    try:
        TopologicalSorter({step.name: step.needs for step in steps}).prepare()
    except CycleError as error:
        circle: Sequence[str] = error.args[1]
        first = next(index for index, step in enumerate(steps) if step.name in circle)
        report.add(("fan_out", first, "needs"), f"steps need each other in a circle: {' → '.join(reversed(circle))}")


def needed_by(step: Step, steps: Iterable[Step]) -> frozenset[str]:
    """The names of all steps that `step` needs, directly or through others."""
    needs: Mapping[str, Sequence[str]] = {each.name: each.needs for each in steps}
    found: set[str] = set()
    pending = list(step.needs)
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending.extend(needs.get(name, ()))
    return frozenset(found & needs.keys())


def check_after(report: Report, stages: Callable[[Step], bool]) -> None:
    """`after` of a verify check names a step that stages a proposal, `of` any step."""
    steps = {step.name: step for step in report.contract.fan_out}
    for index, check in enumerate(report.contract.verify):
        if check.of is not None and check.of not in report.lost | steps.keys():
            report.add(("verify", index, "of"), f"there is no step {check.of}{suggestion(check.of, steps)}")
        if check.after is None or check.after in report.lost:
            continue
        path: Path = ("verify", index, "after")
        if check.after not in steps:
            report.add(path, f"there is no step {check.after}{suggestion(check.after, steps)}")
        elif not stages(steps[check.after]):
            report.add(path, f"the step {check.after} stages no proposal whose decision could be waited for")
