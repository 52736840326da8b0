"""Reading and showing an intake form: what is typed stays as it was typed."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404

from workflows_app.admin import access
from workflows_app.admin.contracts.start_form import Posted, StartField, blank_form, typed_form
from workflows_app.admin.intake.alike import Typed
from workflows_app.admin.intake.fields import Section, sections
from workflows_app.admin.intake.submissions import inputs_of
from workflows_app.admin.loaded import contract_or_problem
from workflows_app.admin.navigation import takes_intake
from workflows_app.contracts.schema import Contract
from workflows_app.models import WorkflowContract, WorkflowRun

_KEY = re.compile(r"[0-9a-f-]{36}")


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form to show. `key` makes sending it twice one submission; `wrong`: some field has an error."""

    row: WorkflowContract
    contract: Contract
    sections: tuple[Section, ...]
    key: str
    warns: bool
    wrong: bool = False
    problem: str = ""


def offered(user: access.Visitor, workflow_type: str) -> tuple[WorkflowContract, Contract]:
    """The active contract whose intake form the visitor may hand in. Raises `Http404` and `PermissionDenied`."""
    row = WorkflowContract.objects.filter(workflow_type=workflow_type, active=True).first()
    contract = None if row is None else contract_or_problem(row)
    if row is None or not isinstance(contract, Contract) or not takes_intake(contract):
        if not access.hands_in(user):
            raise PermissionDenied("Handing in a form takes the group Sales or Approvers.")
        raise Http404(f"{workflow_type} has no intake form.")
    refusal = access.start_refusal(user, contract)
    if refusal:
        raise PermissionDenied(refusal)
    return row, contract


def blank(row: WorkflowContract, contract: Contract, before: WorkflowRun | None = None) -> Form:
    """An empty form with a key of its own, or one with what was handed in `before`."""
    inputs = {} if before is None else inputs_of(before)
    fields = tuple(_filled(field, inputs.get(field.name)) for field in blank_form(contract))
    return _form(row, contract, fields, {}, str(uuid.uuid4()))


def typed(
    row: WorkflowContract, contract: Contract, posted: Posted, errors: Mapping[str, str], problem: str = ""
) -> Form:
    """The form as it was typed, with what is wrong."""
    shown = _form(row, contract, typed_form(contract, posted, {}), errors, form_key(posted))
    return replace(shown, wrong=bool(errors), problem=problem)


def form_key(posted: Posted) -> str:
    """The key that the form was given; a fresh one when a browser sent something else."""
    key = str(posted.get("key", ""))
    return key if _KEY.fullmatch(key) else str(uuid.uuid4())


def compared(contract: Contract, posted: Posted) -> Typed:
    """What can be compared with customers; nothing for a contract that does not ask whether there is one already."""
    names = duplicate_inputs(contract)
    if not names:
        return Typed()
    return Typed(**{what: str(posted.get(name, ""))[:1000] for what, name in names.items()})


def duplicate_inputs(contract: Contract) -> dict[str, str]:
    """Which inputs are compared, from the entry of the contract that looks for the same customer; empty without one."""
    entry = next((entry for entry in contract.context if entry.provider == "same_customers"), None)
    if entry is None or not isinstance(entry.params, Mapping):
        return {}
    inputs = {spec.name for spec in contract.inputs}
    names = {what: str(entry.params[what]).removeprefix("inputs.") for what in ("name", "email")}
    names |= {"phone": "contact_phone", "address": "billing_address"}
    return {what: name for what, name in names.items() if name in inputs}


def _form(
    row: WorkflowContract, contract: Contract, fields: tuple[StartField, ...], errors: Mapping[str, str], key: str
) -> Form:
    return Form(
        row=row,
        contract=contract,
        sections=sections(fields, errors),
        key=key,
        warns=bool(duplicate_inputs(contract)),
    )


def _filled(field: StartField, before: Any) -> StartField:
    """With what was handed in before, as it was typed."""
    if isinstance(before, bool):
        return replace(field, checked=before)
    if isinstance(before, list) and all(isinstance(line, str) for line in before):
        return replace(field, typed="\n".join(before))
    return replace(field, typed=before) if isinstance(before, str) else field
