"""Whether NETSUITE_TIME_ZONE is the zone in which the account shows moments.

A wrong zone shifts every `lastmodifieddate` of the mirror by hours, and then a change in NetSuite looks older than the
plan: it would be overwritten. REST tells the same moments in UTC, so one record shows whether both agree.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from workflows_app.netsuite.client import NetSuite
from workflows_app.netsuite.moments import last_modified
from workflows_app.netsuite.sync.declarations.customers import CUSTOMERS
from workflows_app.netsuite.sync.declarations.transactions import TRANSACTIONS
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.zone import AccountZone

_DIFFER = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_RECORD_TYPES: Mapping[str, str] = {
    "CustInvc": "invoice",
    "CustPymt": "customerPayment",
    "SalesOrd": "salesOrder",
    "Estimate": "estimate",
    "VendBill": "vendorBill",
}


def zone_finding(client: NetSuite) -> tuple[bool, str]:
    """Compare one record's moment, as SuiteQL and as REST tell it; whether they agree, and a sentence."""
    zone = AccountZone.configured()
    for record_type, ns_id, shown in _some_record(client):
        told = last_modified(client.get(record_type, ns_id))
        if told is not None:
            return _judged(zone, f"{record_type} {ns_id}", shown, told)
    return True, "there is no record yet whose moment could be compared: run this again when there is one"


def _some_record(client: NetSuite) -> Iterator[tuple[str, str, str]]:
    """A customer; else a transaction. Type, NetSuite's id, and what SuiteQL shows."""
    for mirror in (CUSTOMERS, TRANSACTIONS):
        for record in client.query(mirror.sql(), ["0"], limit=1).items:
            if record.get("lm"):
                yield _record_type(mirror, record), record["id"], record["lm"]


def _record_type(mirror: Mirror, record: Mapping[str, str]) -> str:
    return "customer" if mirror is CUSTOMERS else _RECORD_TYPES[record["type"]]


def _judged(zone: AccountZone, what: str, shown: str, told: datetime) -> tuple[bool, str]:
    try:
        read = zone.moment(shown)
    except ValueError:
        return False, f"SuiteQL shows {shown!r} as the moment of {what}, which is no moment"
    off = abs(read - told)
    if off <= _DIFFER or (zone.comes_twice(read) and abs(off - _HOUR) <= _DIFFER):
        return True, f"{zone.zone.key}: SuiteQL and REST agree when {what} was changed"
    return False, (
        f"NETSUITE_TIME_ZONE ({zone.zone.key}) is not the zone of this account: {what} was changed at "
        f"{told:%Y-%m-%d %H:%M} UTC, and SuiteQL's {shown!r} in that zone is {read:%Y-%m-%d %H:%M} UTC. Changes made "
        "in NetSuite would be overwritten; set the zone of the user whose login this is."
    )
