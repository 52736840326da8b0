"""Why a step has no effects."""


class PlanningError(Exception):
    """A step cannot be planned from these inputs and this context; the message says why."""


class StepSkippedError(Exception):
    """A kind found a reason to do nothing for this item; the reason shows on the card."""
