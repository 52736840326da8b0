"""How a workflow starts; every one can also be started by hand."""

import re
from typing import Annotated, Literal

from pydantic import Discriminator, Field, StringConstraints, Tag

from workflows_app.contracts.primitives import Strict


class ManualTrigger(Strict):
    """Started by hand; every other workflow can be as well."""

    kind: Literal["manual"]
    sources: tuple[str, ...] = ()


class CronTrigger(Strict):
    """Five fields in a time zone. `catch_up_minutes`: how old a missed occurrence may be and still run."""

    kind: Literal["cron"]
    cron: str
    tz: str = "UTC"
    catch_up_minutes: int = Field(default=60, ge=0)
    existing_cron: str | None = None


class EventTrigger(Strict):
    """Started by each event of one of these types."""

    kind: Literal["event"]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]


# What begins like this says what a message was sorted as (`inbox/intake.py`): anybody can write one.
INBOUND_MAIL = "inbound_email_"
_RESERVED_TYPES = ("proposed_action.", "workflow.")
_RESERVED_KEYS = ("proposal:", "run:", "inbound:", "webhook:")


def reserved(event_type: str, key: str = "") -> str:
    """Why neither a contract nor anybody outside may record such an event, in words; empty when they may.

    These events report what people decided and how runs ended: only the decision and the run itself may say so. Their
    keys are theirs as well, as those of mail and of signed webhooks are: an event that took one before would swallow
    the true one.
    """
    if event_type.strip().lower().startswith(_RESERVED_TYPES):
        return f"events of the type {event_type} are recorded by decisions and runs only; choose another type"
    if key.strip().startswith(_RESERVED_KEYS):
        begins = " or ".join(_RESERVED_KEYS)
        return f"a key that begins with {begins} belongs to decisions and runs, mail and webhooks; choose another key"
    return ""


_APPROVED = re.compile(r"proposed_actions approved with action_type=([a-z][a-z0-9_]*)")


class HitlTrigger(Strict):
    """Started by the approval of a proposal of one action type; its payload becomes the inputs."""

    kind: Literal["hitl_approval"]
    event: Annotated[str, StringConstraints(pattern=f"^{_APPROVED.pattern}$")]

    @property
    def action_type(self) -> str:
        """The action type that `event` names."""
        return self.event.rpartition("=")[2]


def _trigger_tag(value: object) -> str | None:
    """Tags stand in the place of an error; `<cron>` can not be taken for the key `cron`."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in ("manual", "cron", "event", "hitl_approval") else None


Trigger = Annotated[
    Annotated[ManualTrigger, Tag("<manual>")]
    | Annotated[CronTrigger, Tag("<cron>")]
    | Annotated[EventTrigger, Tag("<event>")]
    | Annotated[HitlTrigger, Tag("<hitl_approval>")],
    Discriminator(
        _trigger_tag,
        custom_error_type="trigger_kind",
        custom_error_message="needs kind: manual, cron, event or hitl_approval",
    ),
]
