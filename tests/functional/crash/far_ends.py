"""Counts what came of each order where it had to arrive: in the mailboxes, in NetSuite, in the tables.

Nothing of the code under test takes part: rows are counted by SQL of its own, records and letters where they lie.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.functional.crash.orders import (
    ADDRESS,
    CANCELLED,
    CONTINUED,
    CREDIT,
    ENDS,
    EXPIRED,
    FIRST_RUN,
    ITEMS,
    YEAR,
    Order,
)
from tests.functional.crash.site import Site


@dataclass(kw_only=True)
class Tally:
    """What is `lost` or `doubled`, in words; letters that are `uncertain`; how many `facts` were counted."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    uncertain: int = 0
    facts: int = 0

    def count(self, what: str, found: int, wanted: int) -> None:
        """One fact."""
        self.facts += 1
        if found < wanted:
            self.lost.append(f"{what}: {found} of {wanted}")
        elif found > wanted:
            self.doubled.append(f"{what}: {found}, not {wanted}")


def _count(table: str, condition: str) -> str:
    return f"SELECT COUNT(*) FROM {table} WHERE {condition}"


_WHO = "IN (SELECT id FROM customers WHERE companyname = %s)"
_QUOTE = f"IN (SELECT id FROM quotes WHERE customer_id {_WHO} AND school_year = '{YEAR}')"
_CARDS = "customer_name = %s AND status = "
_NEW_CUSTOMER = {
    "customers": (_count("customers", "companyname = %s AND entitystatus = 'active' AND ns_id <> ''"), 1),
    "profiles": (_count("customer_profiles", f"customer_id {_WHO}"), 1),
    "programs": (_count("customer_programs", f"customer_id {_WHO}"), 1),
    "pushes": (_count("ns_pending_pushes", f"external_id {_WHO} AND status = 'applied'"), 1),
    "approved cards": (_count("proposed_actions", f"{_CARDS}'approved'"), 2),
}
_NOTHING = {
    "customers": (_count("customers", "companyname = %s"), 0),
    "approved cards": (_count("proposed_actions", f"{_CARDS}'approved'"), 0),
}
_HIS_KEY = f"'{FIRST_RUN}' || substr(CAST(%s AS text), {len('Kitchen ') + 1})"
_OF_HIS_RUN = f"run_id IN (SELECT id FROM workflow_runs WHERE trigger_key = {_HIS_KEY})"
# By kind of order: what to count (the company's name for `%s`), and how many there must be.
_ROWS: Mapping[str, Mapping[str, tuple[str, int]]] = {
    "new_customer": _NEW_CUSTOMER,
    CANCELLED: {
        **_NOTHING,
        "closed cards": (_count("proposed_actions", f"{_CARDS}'closed'"), 1),
        "interventions": (_count("proposed_actions", f"action_type = 'run_intervention' AND {_OF_HIS_RUN}"), 1),
    },
    EXPIRED: {**_NOTHING, "expired cards": (_count("proposed_actions", f"{_CARDS}'expired'"), 1)},
    CONTINUED: {
        **_NEW_CUSTOMER,
        "approved cards": (_count("proposed_actions", f"{_CARDS}'approved'"), 3),
        "runs that were continued once": (
            "SELECT COUNT(*) FROM workflow_runs r JOIN workflow_runs n ON n.trigger_key = 'rerun:' || r.id || ':1' "
            f"WHERE r.trigger_key = {_HIS_KEY} AND n.status = 'completed'",
            1,
        ),
    },
    "quote_draft": {
        "quotes": (_count("quotes", f"customer_id {_WHO} AND ns_id <> ''"), 1),
        "lines": (_count("quote_lines", f"quote_id {_QUOTE}"), len(ITEMS)),
        "touched profiles": (_count("customer_profiles", f"customer_id {_WHO} AND last_quote_event IS NOT NULL"), 1),
        "pushes": (_count("ns_pending_pushes", f"external_id {_QUOTE} AND status = 'applied'"), 1),
        "approved cards": (_count("proposed_actions", "customer_name = %s AND status = 'approved'"), 3),
    },
    "dispute": {
        "disputes": (_count("ar_disputes", f"customer_id {_WHO} AND status = 'escalated'"), 1),
        "approved cards": (_count("proposed_actions", "customer_name = %s AND status = 'approved'"), 4),
    },
}
_KIND = f"substr(trigger_key, 1, {len(FIRST_RUN)}) = '{FIRST_RUN}' AND substr(trigger_key, {len(FIRST_RUN) + 1}, "
_WANTED_END = (
    "CASE "
    + " ".join(f"WHEN {_KIND}{len(kind) + 1}) = '{kind}-' THEN '{status}'" for kind, status in ENDS.items())
    + " ELSE 'completed' END"
)
# Each query lists what is not as it must be: a name, how many there are, how many there must be.
_EVERYWHERE: Mapping[str, str] = {
    "runs that did not end as they must": f"SELECT id, 0, 1 FROM workflow_runs WHERE status <> {_WANTED_END}",
    "steps that are not done": "SELECT run_id || '/' || step, 0, 1 FROM workflow_steps "
    "WHERE status NOT IN ('done', 'skipped') AND NOT (status = 'failed' AND step = 'assign_programs' AND run_id IN "
    "(SELECT id FROM workflow_runs WHERE status = 'partial'))",
    "run logs": "SELECT id, n, 1 FROM (SELECT id, (SELECT COUNT(*) FROM workflow_run_log WHERE run_id = r.id) AS n "
    "FROM workflow_runs r) c WHERE n <> 1",
    "end events": "SELECT id, n, 1 FROM (SELECT id, (SELECT COUNT(*) FROM event_ledger WHERE run_id = r.id "
    "AND event_type IN ('workflow.completed', 'workflow.partial', 'workflow.failed')) AS n FROM workflow_runs r) c "
    "WHERE n <> 1",
    "ends in the history": "SELECT id, n, 1 FROM (SELECT id, (SELECT COUNT(*) FROM workflow_run_history "
    "WHERE run_id = r.id AND to_status = r.status) AS n FROM workflow_runs r) c WHERE n <> 1",
    "decisions": "SELECT id, n, 1 FROM (SELECT id, (SELECT COUNT(*) FROM decisions WHERE proposal_id = p.id) AS n "
    "FROM proposed_actions p WHERE status NOT IN ('superseded', 'closed', 'expired')) c WHERE n <> 1",
    "decisions of what nobody decided": "SELECT id, n, 0 FROM (SELECT id, (SELECT COUNT(*) FROM decisions "
    "WHERE proposal_id = p.id) AS n FROM proposed_actions p WHERE status IN ('closed', 'expired')) c WHERE n <> 0",
    "runs of an occurrence": "SELECT workflow_type, n, 1 FROM (SELECT workflow_type, (SELECT COUNT(*) FROM "
    "workflow_runs r WHERE r.id = o.run_id AND r.workflow_type = o.workflow_type) AS n FROM cron_occurrences o "
    "WHERE status = 'started') c WHERE n <> 1",
    "runs of a clock": "SELECT workflow_type, COUNT(*), 1 FROM workflow_runs WHERE trigger_kind = 'cron' "
    "GROUP BY workflow_type HAVING COUNT(*) <> 1",
    "checks that did not pass": "SELECT run_id || '/' || name, 0, 1 FROM workflow_verify_results "
    "WHERE status NOT IN ('pass', 'pending', 'not_applicable')",
}


def count(site: Site, given: Sequence[Order]) -> Tally:
    """Everything that came of the orders since the site was opened."""
    tally = Tally()
    _count_rows(site, given, tally)
    _count_everywhere(site, tally)
    _count_letters(site, given, tally)
    _count_records(site, given, tally)
    _count_files(site, given, tally)
    return tally


def _count_rows(site: Site, given: Iterable[Order], tally: Tally) -> None:
    for order in given:
        for what, (sql, wanted) in _ROWS[order.kind].items():
            tally.count(f"{order.name}: {what}", site.database.value(sql, order.name), wanted)


def _count_everywhere(site: Site, tally: Tally) -> None:
    tally.facts += site.database.value("SELECT COUNT(*) FROM workflow_runs") * len(_EVERYWHERE)
    for what, sql in _EVERYWHERE.items():
        for name, found, wanted in site.database.execute(sql):
            tally.count(f"{what}: {name}", found, wanted)


def _count_letters(site: Site, given: Iterable[Order], tally: Tally) -> None:
    """Each mailbox holds one letter of its order; none only when its letter is uncertain. No message came twice."""
    mailboxes = Counter(str(letter["To"]) for letter in site.mail.letters)
    uncertain = {
        to for (to,) in site.database.execute("SELECT \"to\" FROM outbound_email_log WHERE status='uncertain'")
    }
    tally.uncertain = len(uncertain)
    for order in given:
        for mailbox in order.mailboxes:
            found = mailboxes.pop(mailbox, 0)
            tally.count(f"{order.name}: letters to {mailbox}", found, 0 if not found and mailbox in uncertain else 1)
    for mailbox, found in mailboxes.items():
        tally.count(f"letters that nobody ordered, to {mailbox}", found, 0)
    for message, found in Counter(str(letter["Message-ID"]) for letter in site.mail.letters).items():
        tally.count(f"message {message}", found, 1)


def _count_records(site: Site, given: Iterable[Order], tally: Tally) -> None:
    """NetSuite has one record of each, with every field as it was approved."""
    customers = [_customer(record) for record in site.sandbox.records("customer")]
    estimates = [_estimate(record) for record in site.sandbox.records("estimate")]
    for order in given:
        if order.kind in ("new_customer", CONTINUED):
            wanted = {"name": order.name, "email": order.mailboxes[0], "credit": CREDIT, "addresses": [ADDRESS] * 2}
            _count_record(tally, order, wanted, [one for one in customers if one["name"] == order.name])
        elif order.kind == "quote_draft":
            lines = [(number, item, "1", "20.00") for number, item in enumerate(ITEMS, start=1)]
            wanted = {"customer": order.name, "memo": f"Price quotation {YEAR}, revision 1", "lines": lines}
            _count_record(tally, order, wanted, [one for one in estimates if one["customer"] == order.name])


def _count_files(site: Site, given: Iterable[Order], tally: Tally) -> None:
    """Each quote has its PDF in the store, and every letter of it carries that very file."""
    for order in given:
        if order.kind != "quote_draft":
            continue
        sql = f"SELECT pdf_key FROM quotes WHERE customer_id {_WHO} AND school_year = '{YEAR}'"
        files = [site.folder / "artifacts" / str(key) for (key,) in site.database.execute(sql, order.name)]
        found = [path.read_bytes() for path in files if path.is_file()]
        tally.count(f"{order.name}: PDF files", sum(content.startswith(b"%PDF-") for content in found), 1)
        letters = site.mail.to(order.mailboxes[0])
        carried = [part.get_payload(decode=True) for letter in letters for part in letter.iter_attachments()]
        tally.count(f"{order.name}: letters with that PDF", sum(map(carried.count, found)), len(letters))


def _count_record(tally: Tally, order: Order, wanted: dict[str, Any], found: list[dict[str, Any]]) -> None:
    tally.count(f"{order.name}: NetSuite records", len(found), 1)
    tally.count(f"{order.name}: NetSuite records as approved", found.count(wanted), 1)


def _customer(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": record["companyName"],
        "email": record.get("email"),
        "credit": f"{record.get('creditLimit') or 0:.2f}",
        "addresses": [line["addressBookAddress"]["addrText"] for line in record["addressBook"]["items"]],
    }


def _estimate(record: Mapping[str, Any]) -> dict[str, Any]:
    lines = [
        (line["line"], line["item"]["refName"], f"{line['quantity']}", f"{line['rate']:.2f}")
        for line in record["item"]["items"]
    ]
    return {"customer": record["entity"]["refName"], "memo": record["memo"], "lines": lines}
