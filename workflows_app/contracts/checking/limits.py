"""What a contract may not do at its risk level, and where."""

from pydantic import BaseModel

from workflows_app.contracts.checking.report import Place, Report
from workflows_app.contracts.problems import suggestion
from workflows_app.contracts.schema import (
    AgainOperation,
    EmailOperation,
    EventRecord,
    EventTrigger,
    Operation,
    Push,
    PushOperation,
    StageOperation,
    Step,
)
from workflows_app.contracts.trigger import INBOUND_MAIL, reserved

_OWN_ENDPOINTS = "/api/"


def check_limits(report: Report, model: BaseModel, place: Place) -> None:
    """Below risk level 3 nothing is pushed and only own endpoints are called; some operations need an approval."""
    if isinstance(model, Push) and not report.contract.gated:
        at = place.under("kind") if isinstance(model, Step) else place
        report.add(at.path, "a push to NetSuite needs risk_level: 3 or more, so that a person decides")
    if isinstance(model, EventRecord):
        _check_event(report, model, place)
    if isinstance(model, AgainOperation):
        _check_again(report, model, place)
    if isinstance(model, Step):
        _check_call(report, model, place)
        _check_direct(report, model, place)


def check_started_by(report: Report) -> None:
    """Mail of strangers starts nothing that acts before a person decides."""
    trigger = report.contract.trigger
    if report.contract.gated or not isinstance(trigger, EventTrigger):
        return
    for index, source in enumerate(trigger.sources):
        if source.startswith(INBOUND_MAIL):
            message = f"anybody can send mail: {source} needs risk_level: 3 or more, so that a person decides"
            report.add(("trigger", "sources", index), message)


def _check_event(report: Report, event: EventRecord, place: Place) -> None:
    for key, why in (("type", reserved(event.type)), ("key", reserved("", event.key))):
        if why:
            report.add(place.under(key).path, why)


def _check_again(report: Report, operation: AgainOperation, place: Place) -> None:
    """Only a failed check does something again, and only what left the house."""
    steps = {step.name: step for step in report.contract.fan_out}
    at = place.under("again").path
    if "on_fail" not in place.path:
        report.add(at, "belongs to on_fail of a verify check: only there is something done again")
    elif operation.for_each is not None:
        report.add(at, "is no loop: all that the step sent or pushed is meant")
    elif operation.again not in steps:
        if operation.again not in report.lost:
            report.add(at, f"there is no step {operation.again}{suggestion(operation.again, steps)}")
    elif not {"record_type", "recheck"} & type(steps[operation.again]).model_fields.keys():
        report.add(at, f"the step {operation.again} sends and pushes nothing that could be done again")


def _check_call(report: Report, step: Step, place: Place) -> None:
    path = getattr(step, "path", None) or ""
    if step.kind == "http_call" and not report.contract.gated and not path.startswith(_OWN_ENDPOINTS):
        message = f"below risk_level 3 only own endpoints under {_OWN_ENDPOINTS} are called"
        report.add(place.under("path" if path else "url").path, message)


def _check_direct(report: Report, step: Step, place: Place) -> None:
    """What is done without a decision of its own: rows and events only."""
    operations: tuple[Operation, ...] = getattr(step, "operations", ())
    for index, operation in enumerate(operations):
        if isinstance(operation, EmailOperation | PushOperation | StageOperation):
            message = "needs an approved proposal: put it under on_approve of a step that stages one"
            report.add(place.under("operations", index).path, message)
