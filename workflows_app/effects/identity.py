"""Ids that planning decides, so that planning twice gives the same plan (DESIGN.md section 2)."""

import uuid

from approvals.canonical import canonical

_NAMESPACE = uuid.UUID("6f1c2f0e-5d0a-5b7e-9a35-0c5f3c1b7a11")


def derive_id(kind: str, *place: str) -> str:
    """`cs-<kind>-<uuid5>` of a place: run, step, item key, operation. Also the external id in NetSuite."""
    return f"cs-{kind}-{uuid.uuid5(_NAMESPACE, canonical(place))}"
