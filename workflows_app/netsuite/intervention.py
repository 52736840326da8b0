"""What a person may do with a push that did not arrive: try it again, or say which NetSuite record it is."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from approvals.clock import database_now
from workflows_app.models import Alert, PendingPush
from workflows_app.models.lock import hold_still
from workflows_app.netsuite import mirrors, trouble
from workflows_app.netsuite.client import NetSuite, Record
from workflows_app.netsuite.comparison import differences
from workflows_app.netsuite.errors import NetSuiteError, NotFoundError
from workflows_app.netsuite.moments import last_modified
from workflows_app.netsuite.payloads import UnresolvedError, wire
from workflows_app.netsuite.push_queue import WAITING, alert_key, payload

logger = logging.getLogger(__name__)
_LINKABLE = (*WAITING, "dead", "conflict")
_PROPOSE = "It was changed in NetSuite since; propose to push it anyway instead."
_TOO_LATE = "It has arrived already, or is on its way."


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Whether it was done, and the sentence that says so or why not."""

    done: bool
    message: str


def retry(push_id: str, by: str) -> Answer:
    """Try a push again now, with all its attempts; a conflict cannot be tried again, only proposed anew."""
    with transaction.atomic():
        push = PendingPush.objects.select_for_update().get(pk=push_id)
        refusal = _retry_refusal(push)
        if refusal:
            return Answer(done=False, message=refusal)
        status = "retrying" if push.status == "dead" else push.status
        _start_again(push, status=status)
    logger.info("%s tries the push %s again", by, push_id)
    return Answer(done=True, message="It is tried again now.")


def link(push_id: str, ns_id: str, netsuite: NetSuite, by: str) -> Answer:
    """Say that a push is about the NetSuite record `ns_id`, so that it changes that one instead of making another.

    What NetSuite has now counts as known: only what changes there after this is a conflict.
    """
    push = PendingPush.objects.get(pk=push_id)
    if push.record_type not in mirrors.MIRRORS:
        return Answer(done=False, message=f"We keep no rows of {push.record_type} that could be linked.")
    try:
        found = netsuite.get(push.record_type, ns_id)
        if push.status == "conflict" and _is_overwritten(push, netsuite):
            return Answer(done=False, message=_PROPOSE)
    except NotFoundError:
        return Answer(done=False, message=f"NetSuite has no {push.record_type} {ns_id}.")
    except NetSuiteError as error:
        return Answer(done=False, message=f"NetSuite could not be asked: {error.message}")
    refusal = _link_refusal(push, ns_id) or _link(push, ns_id, last_modified(found))
    if refusal:
        return Answer(done=False, message=refusal)
    logger.info("%s links the push %s to %s", by, push_id, ns_id)
    return Answer(done=True, message=f"Linked to {push.record_type} {ns_id}{_name(found)}; it is changed now.")


def _retry_refusal(push: PendingPush) -> str:
    if push.status == "conflict":
        return _PROPOSE
    if push.status not in (*WAITING, "dead"):
        return f"It is {push.status.replace('_', ' ')}; there is nothing to try again."
    return _newer(push)


def _newer(push: PendingPush) -> str:
    same = PendingPush.objects.filter(record_type=push.record_type, external_id=push.external_id)
    if same.filter(Q(created_at__gt=push.created_at) | Q(created_at=push.created_at, id__gt=push.pk)).exists():
        return "A newer push of the same record came after it; this one would overwrite that."
    return ""


def _is_overwritten(push: PendingPush, netsuite: NetSuite) -> bool:
    """Whether the record that this conflict is about is still there, with other values: linking is no way around."""
    row = mirrors.mirror_row(push.record_type, push.external_id)
    ref = row.ns_id if row is not None and row.ns_id else f"eid:{push.external_id}"
    try:
        found = netsuite.get(push.record_type, ref, expand=True)
    except NotFoundError:
        return False
    try:
        return bool(differences(wire(payload(push), mirrors.ns_id_of), found))
    except (ValueError, UnresolvedError):  # what it refers to is gone
        return True


def _link_refusal(push: PendingPush, ns_id: str) -> str:
    if push.status not in _LINKABLE:
        return _TOO_LATE
    row = mirrors.mirror_row(push.record_type, push.external_id)
    if row is not None and row.ns_id == ns_id:
        return f"It is {push.record_type} {ns_id} already; there is nothing to link."
    return ""


def _link(push: PendingPush, ns_id: str, modified: datetime | None) -> str:
    try:
        with transaction.atomic():
            hold_still()
            waiting = PendingPush.objects.select_for_update().filter(pk=push.pk, status=push.status)
            if not waiting.exists():
                return _TOO_LATE
            newer = _newer(push)
            if newer:
                return newer
            if not mirrors.link(push.record_type, push.external_id, ns_id):
                return f"We have no row for {push.external_id} any more."
            _start_again(push, status="pending", ns_id=ns_id, confirmed_modified=modified)
    except IntegrityError:
        return f"Another of our rows is {push.record_type} {ns_id} already, by reading it; go on with that one."
    return ""


def _start_again(push: PendingPush, **facts: object) -> None:
    rows = PendingPush.objects.filter(pk=push.pk)
    rows.update(attempts=0, waits=0, next_attempt_at=None, **facts)
    Alert.objects.keyed(alert_key(push)).resolve(database_now())
    trouble.over(trouble.LOGIN, trouble.permission(push.record_type))


def _name(found: Record) -> str:
    name = found.get("companyName") or found.get("tranId") or found.get("entityId")
    return f" ({name})" if name else ""
