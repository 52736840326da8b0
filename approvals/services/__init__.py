"""The only writers of proposals and decisions: one verb per file, all of them here."""

from approvals.hooks import DecisionRefusedError, EditRefusedError, WorldChangedError
from approvals.new_proposal import NewProposal
from approvals.services.again import propose_again
from approvals.services.decide import also_of, decide
from approvals.services.edit import edit
from approvals.services.expire import expire_due, remind_overdue
from approvals.services.outcome import advance_outcome
from approvals.services.replace import close, once_more, supersede
from approvals.services.results import DecisionResult
from approvals.services.stage import stage, stage_many

__all__ = [
    "DecisionRefusedError",
    "DecisionResult",
    "EditRefusedError",
    "NewProposal",
    "WorldChangedError",
    "advance_outcome",
    "also_of",
    "close",
    "decide",
    "edit",
    "expire_due",
    "once_more",
    "propose_again",
    "remind_overdue",
    "stage",
    "stage_many",
    "supersede",
]
