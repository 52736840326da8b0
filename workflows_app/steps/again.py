"""What left the house and did not arrive, once more: the same letter, the same record, as it was approved."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from django.db.models import Q

from approvals.canonical import parse, to_json
from workflows_app.delivery.artifacts import fixed_key
from workflows_app.effects.data import Effect, EmailSend, NetsuitePush
from workflows_app.models import OutboundEmail, PendingPush
from workflows_app.netsuite.mirrors import known_modified
from workflows_app.steps.base import PlanEnv

# Over, one way or the other. What is on its way arrives by itself; a conflict is proposed anew by a button of its own.
_SETTLED_PUSH = ("dead", "applied")


def done_again(step: str, env: PlanEnv) -> list[Effect]:
    """The letters of `step` that certainly did not arrive, and its records as they were pushed last.

    Nothing for a letter that waits or of which nobody knows, nor when another one to the same address followed; nothing
    for a record that is on its way or in conflict, nor when a newer one of it was pushed.
    """
    runs = [str(env.scope.run[name]) for name in ("id", "origin") if name in env.scope.run]
    return [*_letters(step, runs, env), *_pushes(step, runs, env)]


def _letters(step: str, runs: Sequence[str], env: PlanEnv) -> Iterator[EmailSend]:
    letters = OutboundEmail.objects.filter(proposed_action__run_id__in=runs).select_related("proposed_action")
    known = {letter.pk: letter for letter in letters.order_by("created_at", "pk")}
    for position, letter in enumerate(known.values(), start=1):
        later = list(known.values())[position:]
        followed = any(other.replaces_id == letter.pk or _goes_to(letter.to, other) for other in later)
        if letter.status == "failed" and not followed and _first(letter, known).proposed_action.step == step:
            yield from _same_letter(letter, env)


def _goes_to(address: str, other: OutboundEmail) -> bool:
    return other.to == address and other.status != "failed"


def _first(letter: OutboundEmail, known: Mapping[str, OutboundEmail]) -> OutboundEmail:
    """The letter of which this one is a second copy, or a copy of a copy."""
    before = known.get(letter.replaces_id or "")
    return letter if before is None else _first(before, known)


def _same_letter(letter: OutboundEmail, env: PlanEnv) -> Iterator[EmailSend]:
    """The very effect that was approved; its attachments from their immutable copies."""
    text = parse(letter.proposed_action.effects)
    for effect in text["on_approve"]:
        if effect["kind"] == "email.send" and effect["id"] == letter.pk:
            files = [{**file, "key": fixed_key(file["sha256"])} for file in effect["attachments"]]
            new: dict[str, Any] = {"id": env.derive_id("eml", "again", letter.pk), "replaces": letter.pk}
            yield cast(EmailSend, {**effect, **new, "attachments": files})


def _pushes(step: str, runs: Sequence[str], env: PlanEnv) -> Iterator[NetsuitePush]:
    pushes = PendingPush.objects.filter(proposal__run_id__in=runs, step=step)  # by the index of proposals
    for push in pushes.order_by("created_at", "pk"):
        if push.status in _SETTLED_PUSH and not _newer(push):
            yield _same_record(push, env)


def _newer(push: PendingPush) -> bool:
    """Whether the same record was pushed once more after this: pushing this again would overwrite that."""
    same = PendingPush.objects.filter(record_type=push.record_type, external_id=push.external_id)
    return same.filter(Q(created_at__gt=push.created_at) | Q(created_at=push.created_at, pk__gt=push.pk)).exists()


def _same_record(push: PendingPush, env: PlanEnv) -> NetsuitePush:
    """The record as it was approved; only what is changed in NetSuite after what we know of it is a conflict."""
    return {
        "kind": "netsuite.push",
        "id": env.derive_id("psh", "again", push.pk),
        "again": push.pk,
        "external_id": push.external_id,
        "record_type": push.record_type,
        "queue": push.queue,
        "on_failure": push.on_failure,
        "expected_modified": to_json(known_modified(push.record_type, push.external_id)),
        "record": parse(push.payload),
    }
