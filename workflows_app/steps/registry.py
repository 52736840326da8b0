"""Every step kind that a contract may name. To add one: a file in `steps/kinds/`, a line here, a test file."""

from collections.abc import Mapping
from typing import Any

from workflows_app.steps.base import StepKind
from workflows_app.steps.kinds.d1_write import D1WriteKind
from workflows_app.steps.kinds.flag import FlagKind
from workflows_app.steps.kinds.hitl_email_draft import HitlEmailDraftKind
from workflows_app.steps.kinds.http_call import HttpCallKind
from workflows_app.steps.kinds.loop_over_aging import LoopOverAgingKind
from workflows_app.steps.kinds.ns_push import NsPushKind
from workflows_app.steps.kinds.stage_proposed_action import StageProposedActionKind

KINDS: Mapping[str, StepKind[Any]] = {
    kind.name: kind
    for kind in (
        D1WriteKind(),
        FlagKind(),
        HitlEmailDraftKind(),
        HttpCallKind(),
        LoopOverAgingKind(),
        NsPushKind(),
        StageProposedActionKind(),
    )
}
