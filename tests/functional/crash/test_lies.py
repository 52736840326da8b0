"""The far ends lie, break off and say nothing: nothing is called sent or applied that did not arrive (test 3)."""

from pathlib import Path

import pytest

from tests.functional.crash import far_ends, orders, storm
from tests.functional.crash.site import Site, site

pytestmark = pytest.mark.once

PATIENCE, LATE = 2, 2.5  # seconds
NETSUITE = {
    "commit_then_drop": {},
    "drop_before_commit": {},
    "error_before_commit": {},
    "error_after_commit": {},
    "delay": {"seconds": LATE},
    "late_commit": {"seconds": LATE},
    "accepted": {},
    "malformed_json": {},
    "too_many": {},
    "unauthorized": {},
}
PASSING = ["451 try later", "DATA 452 disk full", "421 shutting down"]
BROKEN_OFF = ["drop", "drop early", "silent"]
_TRIED = "SELECT COUNT(*) FROM outbound_email_log WHERE claimed_at IS NOT NULL AND status <> 'sending'"
LASTING = ["550 no such mailbox", "DATA 554 refused"]


def test_whatever_netsuite_says_each_record_is_there_once_as_approved(tmp_path: Path) -> None:
    with site(tmp_path, customers=len(NETSUITE), patience=PATIENCE) as company:
        for fault, more in NETSUITE.items():
            company.sandbox.plant(fault, method="P*", path="*/record/*", times=2, **more)
        given = [orders.customer_quote(f"quote-{fault}", company.customers.pop()) for fault in NETSUITE]
        given += [orders.new_customer(f"customer-{fault}") for fault in NETSUITE]

        wave = storm.ride_out(company, given)
        tally = far_ends.count(company, given)

        assert company.sandbox.account.faults.planted() == []
    assert (wave.left, wave.broken) == ({}, 0)
    assert tally.lost == []
    assert tally.doubled == []


def test_whatever_the_mail_server_says_no_letter_comes_twice_or_is_called_sent(tmp_path: Path) -> None:
    with site(tmp_path, customers=1) as company:
        given = [orders.new_customer(f"c{number}") for number, _ in enumerate(PASSING + BROKEN_OFF)]
        faults = {order.mailboxes[0]: fault for order, fault in zip(given, PASSING + BROKEN_OFF, strict=True)}
        company.mail.faults.update(faults)

        wave = storm.ride_out(company, given, meanwhile=_repentance(company))
        tally = far_ends.count(company, given)
        stands = {fault: _status(company, mailbox) for mailbox, fault in faults.items()}

    assert (wave.left, wave.broken) == ({}, 0)
    assert stands == dict.fromkeys(PASSING, "sent") | dict.fromkeys(BROKEN_OFF, "uncertain")
    assert tally.lost == []
    assert tally.doubled == []


@pytest.mark.parametrize("fault", LASTING)
def test_a_letter_that_is_refused_for_good_is_called_failed(tmp_path: Path, fault: str) -> None:
    with site(tmp_path, customers=1) as company:
        order = orders.new_customer("refused")
        company.mail.faults[order.mailboxes[0]] = fault

        assert storm.ride_out(company, [order]).left == {}

        assert _status(company, order.mailboxes[0]) == "failed"
        assert company.mail.letters == []


def _repentance(company: Site) -> storm.Meanwhile:
    """When every letter was tried, the mail server takes what comes."""

    def look() -> None:
        if company.database.value(_TRIED) == len(PASSING + BROKEN_OFF):
            company.mail.faults.clear()

    return look


def _status(company: Site, mailbox: str) -> str:
    return str(company.database.value('SELECT status FROM outbound_email_log WHERE "to" = %s', mailbox))
