"""Letters: a template that exists, exactly the values that it uses, and attachments that some step produces."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.problems import suggestion
from workflows_app.contracts.schema import Email, Letter


def check_letter(report: Report, model: BaseModel, place: Place) -> None:
    """Check a letter, and in any other model the templates of its parts, which share its `values`."""
    if isinstance(model, Letter):
        if model.template is not None:
            check_template(report, model.template, model.values, place)
    elif isinstance(values := getattr(model, "values", None), dict):
        for key, index, template in _templates_of_parts(model):
            check_template(report, template, values, place, place.under(key, index))
    _check_attached(report, model, place)


def _templates_of_parts(model: BaseModel) -> list[tuple[str, int, str]]:
    """Templates that the elements of a list name, e.g. one for each tier."""
    found: list[tuple[str, int, str]] = []
    for name, info in type(model).model_fields.items():
        parts = getattr(model, name)
        if isinstance(parts, tuple):
            named = ((index, getattr(part, "template", None)) for index, part in enumerate(parts))
            found += [(info.alias or name, index, text) for index, text in named if isinstance(text, str)]
    return found


def check_template(
    report: Report, template: str, values: Mapping[str, Any], place: Place, named_at: Place | None = None
) -> None:
    """A known template, all of its variables, and nothing that it does not use."""
    at = (named_at or place).under("template").path
    uses = report.catalog.templates.get(template)
    if uses is None:
        report.add(at, f"there is no letter template {template}{suggestion(template, report.catalog.templates)}")
        return
    missing = sorted(uses - values.keys())
    if missing:
        report.add(place.under("values").path, f"the letter {template} needs {', '.join(missing)}")
    if named_at is None:
        for name in values.keys() - uses:
            message = f"the letter {template} uses no {name}{suggestion(name, uses)}"
            report.add(place.under("values", name).path, message, at_key=True)


def _check_attached(report: Report, model: BaseModel, place: Place) -> None:
    """`attach` names steps that produce a file, as text or as the `step` of an entry."""
    attached = getattr(model, "attach", ())
    for index, file in enumerate(attached if isinstance(attached, tuple) else ()):
        if isinstance(model, Email):
            report.producer(file, place.under("attach", index))
        elif isinstance(step := getattr(file, "step", None), str):
            report.producer(step, place.under("attach", index, "step"))
