"""A large company for benchmarks, in the shape that `filling` takes."""

from datetime import date, datetime, timedelta

from workflows_app.netsuite.sandbox.filling import Tables
from workflows_app.netsuite.sandbox.store import Row


def large_tables(moment: datetime, *, customers: int = 10_000, transactions: int = 100_000) -> Tables:
    """Rows of a large company for benchmarks: ten items, one line for every transaction, half of the invoices paid."""
    day = moment.date()
    items = [_large_item(number) for number in range(1, 11)]
    return {
        "spec_items": items,
        "customers": [_large_customer(number, moment) for number in range(1, customers + 1)],
        "transactions": [_large_transaction(n, customers, day, moment) for n in range(1, transactions + 1)],
        "transaction_lines": [_large_line(number) for number in range(1, transactions + 1)],
    }


def _large_item(number: int) -> Row:
    return {"ns_id": str(number), "item_code": f"ITEM-{number}", "description": f"Item {number}", "pack_size": "1",
            "replaced_by": None, "active": True, "list_price": 10 + number, "vendor_id": None}  # fmt: skip


def _large_customer(number: int, moment: datetime) -> Row:
    key = str(number)
    return {"id": key, "ns_id": key, "companyname": f"Customer {number}", "email": f"c{number}@example.com",
            "phone": None, "billing_address": f"{number} Main Street", "shipping_address": None, "terms_id": None,
            "pricing_tier": "", "sales_rep": None, "credit_limit": "1000.00", "created_at": moment,
            "lastmodifieddate": moment - timedelta(minutes=number)}  # fmt: skip


def _large_transaction(number: int, customers: int, day: date, moment: datetime) -> Row:
    paid = number % 2
    return {"id": str(number), "type": "CustInvc", "tranid": f"INV{number}", "customer_id": str(number % customers + 1),
            "vendor_id": None, "trandate": day - timedelta(days=number % 400), "duedate": day, "foreigntotal": "25.50",
            "foreignamountunpaid": "0.00" if paid else "25.50", "status": "Paid In Full" if paid else "Open",
            "lastmodifieddate": moment - timedelta(minutes=number)}  # fmt: skip


def _large_line(number: int) -> Row:
    return {"id": str(number), "transaction_id": str(number), "line": 1, "item_code": f"ITEM-{number % 10 + 1}",
            "description": "Cases", "quantity": "1", "rate": "25.50", "amount": "25.50"}  # fmt: skip
