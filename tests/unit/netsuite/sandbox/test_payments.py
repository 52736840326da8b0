from tests.unit.netsuite.sandbox.company import Company, company
from tests.unit.netsuite.sandbox.visitor import Visitor, refusal


def invoice(visitor: Visitor, known: Company, **more: object) -> str:
    return visitor.new("invoice", entity={"id": known.customer}, item=known.lines(10), **more)


def pay(known: Company, amount: float, **applied: float) -> dict[str, object]:
    lines = [{"doc": {"id": key.lstrip("_")}, "apply": True, "amount": part} for key, part in applied.items()]
    return {"customer": {"id": known.customer}, "payment": amount, "apply": {"items": lines}}


def test_an_invoice_is_due_by_its_terms(visitor: Visitor) -> None:
    known = company(visitor)
    term = visitor.new("term", name="Net 30", daysUntilNetDue=30)
    visitor.send("PATCH", f"/customer/{known.customer}", {"terms": {"id": term}})

    key = invoice(visitor, known, tranDate="2026-01-31")

    assert visitor.read(f"/invoice/{key}")["dueDate"] == "2026-03-02"


def test_payments_reduce_what_is_open_until_it_is_paid(visitor: Visitor) -> None:
    known = company(visitor)
    key = invoice(visitor, known)

    payment = visitor.new("customerPayment", **pay(known, 150, **{f"_{key}": 100}))
    part = visitor.read(f"/invoice/{key}")
    visitor.new("customerPayment", **pay(known, 5, **{f"_{key}": 5}))
    whole = visitor.read(f"/invoice/{key}")

    assert (part["amountPaid"], part["amountRemaining"], part["status"]["refName"]) == (100, 5, "Open")
    assert (whole["amountRemaining"], whole["status"]["refName"]) == (0, "Paid In Full")
    found = visitor.read(f"/customerPayment/{payment}")
    assert (found["payment"], found["applied"], found["unapplied"]) == (150, 100, 50)


def test_a_deleted_payment_opens_its_invoice_again(visitor: Visitor) -> None:
    known = company(visitor)
    key = invoice(visitor, known)
    payment = visitor.new("customerPayment", **pay(known, 105, **{f"_{key}": 105}))

    visitor.send("DELETE", f"/customerPayment/{payment}")

    found = visitor.read(f"/invoice/{key}")
    assert (found["amountRemaining"], found["status"]["refName"]) == (105, "Open")


def test_nobody_applies_more_than_is_due_or_was_paid(visitor: Visitor) -> None:
    known = company(visitor)
    key = invoice(visitor, known)

    too_much = visitor.send("POST", "/customerPayment", pay(known, 500, **{f"_{key}": 106}))
    too_little = visitor.send("POST", "/customerPayment", pay(known, 5, **{f"_{key}": 50}))

    assert refusal(too_much)[:2] == refusal(too_little)[:2] == (400, "USER_ERROR")
    assert visitor.read(f"/invoice/{key}")["amountRemaining"] == 105


def test_a_credit_memo_pays_too(visitor: Visitor) -> None:
    known = company(visitor)
    key = invoice(visitor, known)
    applied = {"items": [{"doc": {"id": key}, "apply": True, "amount": 21}]}

    memo = visitor.new("creditMemo", entity={"id": known.customer}, item=known.lines(2), apply=applied)

    assert visitor.read(f"/invoice/{key}")["amountRemaining"] == 84
    assert visitor.read(f"/creditMemo/{memo}")["status"]["refName"] == "Fully Applied"


def test_the_customer_shows_what_is_owed_by_age(visitor: Visitor) -> None:
    known = company(visitor)
    invoice(visitor, known, tranDate="2020-01-01")
    invoice(visitor, known, tranDate="2099-01-01")
    visitor.new("customerPayment", **pay(known, 10))

    found = visitor.read(f"/customer/{known.customer}")

    assert (found["balance"], found["overdueBalance"]) == (200, 105)
    assert (found["aging"], found["aging4"]) == (105, 105)
