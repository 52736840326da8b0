"""Prices the lines of a quote (DESIGN.md section 11, customer_quote) with one query."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import connection

from workflows_app.contracts.catalog import Column, ProviderSpec
from workflows_app.providers.base import CENT, EditError, Provider, Row, cents, edits_by_key, margin_pct, unticked
from workflows_app.reading.scope import Scope

_AMOUNT = re.compile(r"[0-9]{1,8}(\.[0-9]{1,2})?")

# The inner query picks, for each item, the open proposed price to use: this quote's own first, then remedies (open rows
# of no quote), newest first by the
# moment of their approval. Rows of other quotes never count.
_SQL = """
SELECT i.item_code, i.ns_id, i.description, i.pack_size, i.active, i.list_price,
  (SELECT c.cost FROM item_costs c WHERE c.item_code = i.item_code AND c.effective_date <= %s
   ORDER BY c.effective_date DESC, c.id DESC LIMIT 1) AS cost,
  (SELECT t.discount_pct FROM customers k JOIN pricing_tiers t ON t.tier = k.pricing_tier WHERE k.id = %s) AS discount,
  m.case_price AS master_price, p.id AS proposed_id, p.quote_id AS proposed_quote, p.case_price AS proposed_price
FROM spec_items i
LEFT JOIN pricing_master m ON m.customer_id = %s AND m.item_code = i.item_code AND m.school_year = %s
LEFT JOIN proposed_pricing p ON p.id = (
  SELECT o.id FROM proposed_pricing o
  WHERE o.customer_id = %s AND o.item_code = i.item_code AND o.school_year = %s AND o.status = 'open'
    AND (o.quote_id IS NULL OR o.quote_id = %s)
  ORDER BY CASE WHEN o.quote_id IS NULL THEN 1 ELSE 0 END, o.proposed_at DESC, o.id DESC LIMIT 1)
WHERE i.item_code IN ({codes})
"""


class QuotePricing(Provider):
    """One row per known, distinct item code, sorted by code; unknown codes are left out.

    Inactive items are priced like the others and marked by `active`, so that a contract can warn about them instead of
    losing a line silently. Amounts are Decimal with cents, in the company's currency, per case.
    """

    spec = ProviderSpec(
        name="quote_pricing",
        params=("customer_id", "item_codes", "school_year", "quote_id"),
        key="item_code",
        editable=("case_price",),
        ticks=True,
        columns={
            "item_code": Column(kind="text"),
            "line": Column(kind="integer"),
            "description": Column(kind="text"),
            "pack_size": Column(kind="text"),
            "quantity": Column(kind="integer"),
            "case_price": Column(kind="decimal", scale=2, nullable=True),
            "cost_basis": Column(kind="decimal", scale=2, nullable=True),
            "margin_pct": Column(kind="decimal", scale=2, nullable=True),
            "list_price": Column(kind="decimal", scale=2, nullable=True),
            "price_source": Column(kind="text"),
            "proposed_id": Column(kind="text", nullable=True),
            "ns_item_id": Column(kind="text", nullable=True),
            "active": Column(kind="boolean"),
        },
    )

    def load(self, scope: Scope, params: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Price the items; `quote_id` may be None. An item whose tick was taken away is left out.

        Raises `EditError` for a price that is none.
        """
        left_out = unticked(edits)
        codes = sorted({code for code in params["item_codes"] or () if code is not None} - left_out)
        found = _read(scope.now.date(), codes, params) if codes else []
        changes = edits_by_key(edits)
        return [
            _line(number, facts, changes.get(facts["item_code"], ()))
            for number, facts in enumerate(sorted(found, key=lambda facts: str(facts["item_code"])), start=1)
        ]


def _read(today: date, codes: list[str], params: Mapping[str, Any]) -> list[Row]:
    customer, year = params["customer_id"], params["school_year"]
    values = [today, customer, customer, year, customer, year, params.get("quote_id"), *codes]
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(codes=", ".join(["%s"] * len(codes))), values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _line(number: int, facts: Row, edits: Sequence[Mapping[str, Any]]) -> Row:
    price, source = _price(facts)
    for edit in edits:
        if edit["field"] != "tick":
            price, source = _edited_price(edit), "edit"
    cost = _money(facts["cost"])
    return {
        "item_code": facts["item_code"],
        "line": number,
        "description": facts["description"],
        "pack_size": facts["pack_size"],
        "quantity": 1,
        "case_price": price,
        "cost_basis": cost,
        "margin_pct": None if price is None or cost is None else margin_pct(price, cost),
        "list_price": _money(facts["list_price"]),
        "price_source": source,
        "proposed_id": facts["proposed_id"],
        "ns_item_id": facts["ns_id"],
        "active": bool(facts["active"]),
    }


def _price(facts: Row) -> tuple[Decimal | None, str]:
    """The price that holds and where it comes from."""
    if facts["proposed_id"] is not None:
        return _money(facts["proposed_price"]), "remedy" if facts["proposed_quote"] is None else "proposed"
    if facts["master_price"] is not None:
        return _money(facts["master_price"]), "master"
    listed = _money(facts["list_price"])
    if listed is None:
        return None, "none"
    return cents(listed * (100 - (_money(facts["discount"]) or Decimal(0))) / 100), "list"


def _money(value: Any) -> Decimal | None:
    """A column of a raw cursor as Decimal with cents: SQLite gives floats and integers, PostgreSQL Decimals."""
    return None if value is None else Decimal(str(value)).quantize(CENT, rounding=ROUND_HALF_UP)


def _edited_price(edit: Mapping[str, Any]) -> Decimal:
    code, value = str(edit["item"]).partition(":")[2], edit["value"]
    if edit["field"] != "case_price":
        raise EditError(f"Of line {code} only case_price can be changed, not {edit['field']}.")
    text = str(value).strip()
    if not _AMOUNT.fullmatch(text) or not Decimal(text):
        raise EditError(f"The price of {code} must be an amount above 0 such as 12.50, not {text!r}.")
    return Decimal(text).quantize(CENT)
