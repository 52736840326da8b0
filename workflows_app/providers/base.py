"""What a provider is: a registered read-only function that loads one context entry (DESIGN.md section 4)."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from workflows_app.contracts.catalog import ProviderSpec
from workflows_app.reading.scope import Scope

Row = dict[str, Any]
CENT = Decimal("0.01")


class EditError(ValueError):
    """An edit cannot be used; the message is a sentence for the person who made it."""


class Provider:
    """Loads rows from the database, without changing anything.

    The same database, parameters, edits and `scope.now` give the same rows in the same order (sorted by `spec.key`).
    """

    spec: ProviderSpec

    def load(self, scope: Scope, params: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> list[Row]:
        """The rows, each with the columns of `spec`. Raises `EditError` for an edit that cannot be used.

        An edit is `{"item": "<context entry>:<key>", "field", "value"}`. One whose key is not among the rows is not
        used: it belongs to another entry, or its row is gone, which the person sees on the next card.
        """
        raise NotImplementedError


def edits_by_key(edits: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Edits by the key of the row they change, in the order they were made."""
    grouped: dict[str, list[Mapping[str, Any]]] = {}
    for edit in edits:
        grouped.setdefault(str(edit["item"]).partition(":")[2], []).append(edit)
    return grouped


def unticked(edits: Sequence[Mapping[str, Any]]) -> set[str]:
    """The keys of the rows that a person left out, the latest word of each."""
    ticks = {str(edit["item"]).partition(":")[2]: edit["value"] for edit in edits if edit["field"] == "tick"}
    return {key for key, ticked in ticks.items() if ticked is False}


def cents(value: Decimal) -> Decimal:
    """Two decimals, halves away from zero, as invoices round."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def margin_pct(price: Decimal, cost: Decimal) -> Decimal | None:
    """(price - cost) / price in percent, two decimals; None when the price is zero.

    Bounded to what a `percent` column can hold: a price of a cent against a cost of thousands is a typing error, and
    shows as one.
    """
    if not price:
        return None
    return max(cents((price - cost) / price * 100), Decimal("-99999.99"))
