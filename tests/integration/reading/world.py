"""A few rows with everything that databases disagree about, and a shorthand to read them with contract SQL."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from workflows_app import models
from workflows_app.contracts.sql import compile_query
from workflows_app.contracts.sql.mentioned import mentioned_tables
from workflows_app.models import catalog
from workflows_app.reading.query import fetch
from workflows_app.reading.readonly import Cursor

NOW = datetime(2026, 3, 31, 12, 0, 0, 250_000, tzinfo=UTC)


def read(sql: str, *values: Any, shape: Any = "all", group_by: Sequence[str] = (), cursor: Cursor | None = None) -> Any:
    """Compile `sql` over whatever tables it names, run it at `NOW`, and give the result."""
    compiled = compile_query(sql, tables=mentioned_tables(sql), catalog=catalog.tables())
    return fetch(compiled, values, NOW, shape=shape, group_by=group_by, cursor=cursor)


def column(sql: str, *values: Any) -> list[Any]:
    """The first column of every row."""
    return [next(iter(row.values())) for row in read(sql, *values)]


def build() -> None:
    """Customers of all spellings, invoices, payments, prices, quotes, disputes, and what is open."""
    _customers()
    _items()
    _receivables()


def _customers() -> None:
    rows: list[tuple[str, str, str | None, str, str]] = [
        ("1", "Ähre & Söhne 100%", "ä@example.com", "100.10", "active"),
        ("2", "1000 Juice Co", None, "200.20", "hold"),
        ("3", "100% Juice Co", "Juice@Example.com", "0.30", "active"),
        ("4", "under_score \\ back", "", "15000.00", "prospect"),
        ("5", "Zürich Schools", "zs@example.com", "10.00", "active"),
        ("a", "élan", "e@example.com", "2.50", "active"),
        ("B", "O'Brien", "ob@example.com", "3.00", "closed"),
    ]
    models.Customer.objects.bulk_create(
        models.Customer(
            id=id, companyname=name, email=email, credit_limit=Decimal(limit), entitystatus=status, created_at=NOW
        )
        for id, name, email, limit, status in rows
    )


def _items() -> None:
    models.SpecItem.objects.bulk_create(
        models.SpecItem(item_code=code, description=code, pack_size="6", list_price=price, active=active)
        for code, price, active in [("A1", Decimal("9.99"), True), ("A2", None, False), ("B1", Decimal("10"), True)]
    )
    models.PricingMaster.objects.bulk_create(
        models.PricingMaster(
            id=f"p{n}",
            customer_id="1",
            item_code=code,
            school_year=year,
            case_price=Decimal(price),
            cost_basis=cost and Decimal(cost),
            margin_pct=cost and Decimal("12.50"),
            effective_from=date(2026, 1, n + 1),
        )
        for n, (code, year, price, cost) in enumerate(
            [("A1", "2026-27", "12.50", "10.00"), ("A2", "2026-27", "7.00", None), ("A1", "2025-26", "11.00", "9.99")]
        )
    )
    models.Quote.objects.bulk_create(
        models.Quote(
            id=f"q{n}",
            customer_id="1",
            school_year="2026-27",
            lifecycle_status=status,
            total=Decimal(n),
            valid_until=date(2026, 6, 1),
            generated_at=datetime(2026, 3, day, tzinfo=UTC),
        )
        for n, (status, day) in enumerate([("draft", 2), ("sent", 1), ("sent", 2), ("expired", 9), ("proposed", 2)])
    )


def _receivables() -> None:
    models.ArAging.objects.bulk_create(
        models.ArAging(
            customer_id=customer,
            customer_name=name,
            transaction_id=f"t{n}",
            tranid=f"INV{n}",
            amount=Decimal(amount),
            days_overdue=days,
            bucket="1-30",
            as_of=NOW.date(),
        )
        for n, (customer, name, amount, days) in enumerate(
            [("1", "Ähre", "10.10", 5), ("1", "Ähre", "20.20", 95), ("2", "Juice", "0.01", 1), ("3", "None", "5", 0)]
        )
    )
    models.CustomerPayment.objects.bulk_create(
        models.CustomerPayment(id=f"m{n}", customer_id="1", amount=Decimal(n), payment_date=day)
        for n, day in enumerate([date(2025, 12, 30), date(2025, 12, 31), date(2026, 1, 1), date(2026, 3, 31)])
    )
    models.ArDispute.objects.bulk_create(
        models.ArDispute(id=f"d{n}", customer_id="1", reason="?", status=status, dunning_paused=paused, opened_at=NOW)
        for n, (status, paused) in enumerate([("open", True), ("escalated", False), ("resolved", False)])
    )
