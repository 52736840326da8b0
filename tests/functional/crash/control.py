"""The control: the same workers as careless programs are written. The harness must see them double, else it is blind.

Each carelessness does no harm as long as nobody dies; that is why it is so common.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from workflows_app.delivery import email
from workflows_app.effects import apply, rows
from workflows_app.models import OutboundEmail, WorkflowRun
from workflows_app.netsuite import push, push_queue
from workflows_app.netsuite.client import NetSuite
from workflows_app.runner.progress import Progress


def post_records() -> None:
    """Make records by POST and believe the answer, without an external id; what has no answer is sent again."""

    def upsert(netsuite: NetSuite, record_type: str, external_id: str, body: Any, **options: Any) -> None:
        made.append(netsuite.create(record_type, body))

    made: list[str] = []
    NetSuite.upsert = upsert  # type: ignore[method-assign, assignment]
    push._Delivery._must_be_sent = lambda delivery: True  # type: ignore[method-assign]
    push._Delivery._confirm = lambda delivery: push_queue.applied(  # type: ignore[method-assign, assignment]
        delivery.claim, ns_id=made[-1], modified=None
    )


def send_letters_again() -> None:
    """Send a letter again whose sender died: it may not have arrived."""

    def give_up_on_stale() -> int:
        stale = OutboundEmail.objects.filter(status="sending", claimed_at__lt=email.database_now() - email.STALE_AFTER)
        return stale.update(status="queued")

    email.give_up_on_stale = give_up_on_stale


def do_steps_again() -> None:
    """Begin a run that was interrupted from its first step, with ids of the database's making and no comparing."""
    load = Progress.load.__func__  # type: ignore[attr-defined]

    def forgetful(cls: type[Progress], run: WorkflowRun) -> Progress:
        progress: Progress = load(cls, run)
        for record in progress.records.values():
            record.status, record.attempts = "pending", 0
        return progress

    Progress.load = classmethod(forgetful)  # type: ignore[assignment, method-assign]
    together, one_by_one = _tables()
    together["row.insert"] = _insert_with_new_ids
    one_by_one["row.update"] = _update_regardless


def _tables() -> tuple[dict[str, Any], dict[str, Any]]:
    assert isinstance(apply._TOGETHER, dict)
    assert isinstance(apply._ONE_BY_ONE, dict)
    return apply._TOGETHER, apply._ONE_BY_ONE


_renamed: dict[str, str] = {}


def _insert_with_new_ids(effects: Sequence[Any], context: Any) -> None:
    """An id that is taken is no trouble: the row gets another one, and what refers to it does as well."""
    writer = rows._writer(effects[0]["table"])
    for effect in effects:
        if writer.model._default_manager.filter(pk=effect["id"]).exists():
            _renamed[effect["id"]] = f"again-{uuid.uuid4()}"
        rows.insert([_with_new_ids(effect, "values")], context)


def _update_regardless(effect: Any, context: Any) -> None:
    rows.update({**_with_new_ids(effect, "set"), "was": {}}, context)


def _with_new_ids(effect: Any, values: str) -> Any:
    renamed = {name: _renamed.get(str(value), value) for name, value in effect[values].items()}
    return {**effect, "id": _renamed.get(effect["id"], effect["id"]), values: renamed}


CONTROLS: Mapping[str, Callable[[], None]] = {
    "post-records": post_records,
    "send-letters-again": send_letters_again,
    "do-steps-again": do_steps_again,
}
