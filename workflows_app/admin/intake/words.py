"""How the form asks for what contracts name. An input that is not here is asked for by its name and its own help."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One input in people's words. `blank`: what a picker says when nothing is picked; `kind`: its control."""

    section: str
    label: str
    help: str = ""
    blank: str = ""
    kind: str = ""


WHO: Final = "The customer"
WHERE: Final = "Addresses"
AGREED: Final = "What was agreed"
MORE: Final = "More"

ASKED: Final = {
    "company_name": Asked(section=WHO, label="Company name", help="As it should stand on invoices."),
    "contact_email": Asked(
        section=WHO, label="Email address", kind="email", help="Where letters go; the welcome letter is the first one."
    ),
    "contact_phone": Asked(section=WHO, label="Phone", kind="tel", help="With the area code."),
    "billing_address": Asked(
        section=WHERE, label="Billing address", help="Street on the first line, then town, state and ZIP code."
    ),
    "shipping_address": Asked(
        section=WHERE, label="Delivery address", help="Leave it empty when deliveries go to the billing address."
    ),
    "terms": Asked(section=AGREED, label="Payment terms", blank="The usual ones (Net 30)"),
    "pricing_tier": Asked(section=AGREED, label="Price tier", blank="The usual one (standard)"),
    "sales_rep": Asked(section=AGREED, label="Sales representative", blank="Nobody yet"),
    "credit_limit": Asked(
        section=AGREED,
        label="Credit limit",
        kind="decimal",
        help="In dollars, such as 2,500.00. Leave it empty for none.",
    ),
}
_ORDER: Final = tuple(ASKED)


def place(name: str) -> int:
    """Where an input stands on the form: as listed here, what is not listed last."""
    return _ORDER.index(name) if name in ASKED else len(_ORDER)
