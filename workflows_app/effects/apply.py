"""Applies effects. The caller holds a transaction and a savepoint per item; nothing here commits.

`http.request` is not among them: it is the one effect that is not a local transaction, and `runner/fan_out.py` makes it
between two.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from workflows_app.effects import events, outbox, proposals, rows
from workflows_app.effects.context import ApplyContext
from workflows_app.effects.data import Effect
from workflows_app.effects.errors import permanent

# Kinds whose neighbours go into one statement.
_TOGETHER: Mapping[str, Callable[[Sequence[Any], ApplyContext], None]] = {
    "row.insert": rows.insert,
    "proposal.stage": proposals.stage,
}
_ONE_BY_ONE: Mapping[str, Callable[[Any, ApplyContext], None]] = {
    "row.update": rows.update,
    "row.upsert": rows.upsert,
    "netsuite.push": outbox.push,
    "email.send": outbox.email,
    "event.record": events.record,
}


def apply_effects(effects: Iterable[Effect], context: ApplyContext) -> None:
    """Apply local effects in order, neighbours of one table or kind together. Raises `EffectError`.

    What a person unticked is left out.
    """
    ticked = (effect for effect in effects if effect.get("tick") is not False)
    for (kind, _), group in groupby(ticked, key=_together):
        if kind in _TOGETHER:
            _TOGETHER[kind](list(group), context)
        elif kind in _ONE_BY_ONE:
            for effect in group:
                _ONE_BY_ONE[kind](effect, context)
        else:
            raise permanent(f"{kind} is not an effect that can be applied here")


def _together(effect: Effect) -> tuple[str, str]:
    return effect["kind"], str(effect.get("table", ""))
