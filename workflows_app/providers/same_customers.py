"""Customers that are the one who is to be added, however they are written (DESIGN.md section 11, new_customer).

Compared in Python, so that SQLite and PostgreSQL agree about accents, spaces and signs.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from workflows_app.contracts.catalog import Column, ProviderSpec
from workflows_app.models import Customer
from workflows_app.providers.base import Provider, Row
from workflows_app.reading.scope import Scope

# Signs that are typed for one another, each with the plain one.
_SIGNS = str.maketrans(dict.fromkeys("‘’‛′`´ʼ", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—−", "-"))


class SameCustomers(Provider):
    """The customers whose name or email is the same but for accents' coding, spaces, capitals and typographic signs."""

    spec = ProviderSpec(
        name="same_customers",
        params=("name", "email"),
        key="id",
        columns={"id": Column(kind="text"), "companyname": Column(kind="text")},
        tables=("customers",),
    )

    def load(self, scope: Scope, params: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]) -> list[Row]:
        """Sorted by id. A blank name or email is the same as no other."""
        name, email = plain(params["name"]), plain(params["email"])
        rows = Customer.objects.order_by("pk").values_list("pk", "companyname", "email")
        return [
            {"id": key, "companyname": their_name}
            for key, their_name, their_email in rows
            if _same(name, their_name) or _same(email, their_email)
        ]


def plain(text: str | None) -> str:
    """A text as it is compared: composed, small letters, plain signs, single blanks, nothing invisible."""
    folded = unicodedata.normalize("NFKC", (text or "").translate(_SIGNS)).lower().translate(_SIGNS)
    visible = "".join(sign for sign in folded if unicodedata.category(sign) != "Cf")
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", visible)).strip()


def _same(wanted: str, theirs: str | None) -> bool:
    return bool(wanted) and wanted == plain(theirs)
