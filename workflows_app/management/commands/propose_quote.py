"""`propose_quote CUSTOMER --year 2026-27 --item CODE[=PRICE] … [--key K] [--json]`."""

from typing import Any

from django.core.management.base import CommandParser

from approvals.principals import Principal
from workflows_app.management.base import Command as BaseCommand
from workflows_app.runner.inputs import InputError
from workflows_app.runner.preconditions import in_words
from workflows_app.triggers import quote_draft
from workflows_app.triggers.once import LONGEST_KEY, KeyTakenError


class Command(BaseCommand):
    """Stage a quote draft. Approving it starts the quote, which waits for a decision of its own."""

    help = "Put a quote draft up for a decision; nothing is written or sent before it is approved."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the arguments."""
        parser.add_argument("customer", help="our customer id")
        parser.add_argument("--year", required=True, help="the school year, such as 2026-27")
        parser.add_argument(
            "--item",
            action="append",
            required=True,
            dest="items",
            metavar="CODE[=PRICE]",
            help="an item, with a price per case to offer; without one it is priced as usual. Say it again for more.",
        )
        parser.add_argument("--quote", default="", help="the id of a quote to revise; without it: a new quote")
        parser.add_argument("--catalog", default="", help="printed on the quote")
        parser.add_argument("--no-pdf", action="store_true", help="do not render and attach the PDF")
        parser.add_argument("--key", default="", help="a key; the same key again returns the same draft")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Stage it."""
        if len(options["key"]) > LONGEST_KEY:
            self.bad_use(f"--key: give a key of at most {LONGEST_KEY} characters.")
        try:
            draft = quote_draft.propose(_inputs(options), principal=Principal.machine("command"), key=options["key"])
        except InputError as error:
            self.bad_use("\n".join(f"{name}: {message}" for name, message in error.errors.items()))
        except KeyTakenError as error:
            self.refuse(f"Not staged: {error}. Give another key for another draft.")
        except quote_draft.NoQuoteDraftsError as error:
            self.refuse(str(error))
        self._report(draft, as_json=options["json"])

    def _report(self, draft: quote_draft.QuoteDraft, *, as_json: bool) -> None:
        if as_json:
            proposal_id = draft.proposal.pk if draft.proposal else None
            self.print_json({"run_id": draft.run.pk, "status": draft.run.status, "proposal_id": proposal_id})
        if draft.proposal is None:
            self.refuse(f"No draft was staged; run {draft.run.pk} is {draft.run.status}. {draft.run.error}".strip())
        if not as_json:
            self.stdout.write(f"{draft.proposal.title}: it waits for a decision on {draft.proposal.pk}.")
            if draft.warnings:
                self.stdout.write(f"Warnings: {in_words(draft.warnings)}")


def _inputs(options: dict[str, Any]) -> dict[str, Any]:
    """What `quote_draft` is started with."""
    items = [item.partition("=") for item in options["items"]]
    return {
        "customer_id": options["customer"],
        "item_codes": [code for code, _, _ in items],
        "school_year": options["year"],
        "quote_id": options["quote"],
        "catalog": options["catalog"],
        "include_pdf": not options["no_pdf"],
        "prices": [{"item_code": code, "case_price": price} for code, given, price in items if given],
    }
