"""The anomaly scan (DESIGN.md section 11, anomaly_remediation): three kinds of findings, compared robustly."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from workflows_app.contracts.catalog import Column, ProviderSpec
from workflows_app.models import AnomalyInvestigation
from workflows_app.providers.base import Provider, Row
from workflows_app.providers.findings import Finding, monday_of
from workflows_app.providers.margin_compression import margin_findings
from workflows_app.providers.order_pattern_shift import order_findings
from workflows_app.providers.scan_data import ScanData, read_scan_data
from workflows_app.providers.vendor_cost_spike import cost_findings
from workflows_app.reading.scope import Scope

KINDS: Mapping[str, Callable[[ScanData], Iterator[Finding]]] = {
    "margin_compression": margin_findings,
    "vendor_cost_spike": cost_findings,
    "order_pattern_shift": order_findings,
}

_NULL = Column(kind="text", nullable=True)
_TEXT = Column(kind="text")


class AnomalyScan(Provider):
    """Every anomaly of today, sorted by fingerprint; thresholds are explained with each kind.

    `is_new` is false when an investigation with the fingerprint exists, whatever became of it. `evidence` is JSON-ready
    data, `evidence_text` its canonical text. With `only_new` TRUE the known ones are left out. It takes no edits.
    """

    spec = ProviderSpec(
        name="anomaly_scan",
        params=("only_new",),
        key="fingerprint",
        columns={
            "fingerprint": _TEXT,
            "kind": _TEXT,
            "entity_type": _TEXT,
            "entity_id": _TEXT,
            "severity": _TEXT,
            "title": _TEXT,
            "evidence": _TEXT,
            "evidence_text": _TEXT,
            "week_start": Column(kind="date"),
            "customer_id": _NULL,
            "customer_name": _NULL,
            "item_code": _NULL,
            "school_year": _NULL,
            "cost_basis": Column(kind="decimal", scale=2, nullable=True),
            "vendor_id": _NULL,
            "remedy_kind": _TEXT,
            "remedy_text": _TEXT,
            "remedy_price": Column(kind="decimal", scale=2, nullable=True),
            "is_new": Column(kind="boolean"),
        },
    )

    def load(self, scope: Scope, params: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Scan the mirror as of `scope.now`."""
        today = scope.now.date()
        data = read_scan_data(today)
        rows = [finding.row(monday_of(today)) for find in KINDS.values() for finding in find(data)]
        known = _known([row["fingerprint"] for row in rows])
        return [
            row | {"is_new": row["fingerprint"] not in known}
            for row in sorted(rows, key=lambda row: str(row["fingerprint"]))
            if params.get("only_new") is not True or row["fingerprint"] not in known
        ]


def _known(fingerprints: list[str]) -> set[str]:
    return set(AnomalyInvestigation.objects.filter(fingerprint__in=fingerprints).values_list("fingerprint", flat=True))
