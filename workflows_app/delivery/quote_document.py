"""What a quotation says, checked: the body of `POST /api/quote/pdf`."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

# control characters and bidirectional overrides, which could make a price read as another one.
_UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_MAX_LINES = 2000


class QuoteError(ValueError):
    """The data is not a quotation; the message is one sentence per problem."""


def _clean(value: object) -> object:
    """Text without characters that do not print; NULL as empty text where the field allows it."""
    return _UNPRINTABLE.sub(" ", value.replace("\r\n", "\n")).strip() if isinstance(value, str) else value


def _optional(value: object) -> object:
    return "" if value is None else _clean(value)


def _one_line(value: object) -> object:
    cleaned = _clean(value)
    return " ".join(cleaned.split()) if isinstance(cleaned, str) else cleaned


def _day(value: object) -> object:
    """The day of a moment's canonical text, so that a run's start can be a quotation's date."""
    if isinstance(value, str) and "T" in value:
        return datetime.fromisoformat(value).date()
    return value


def _amount(value: object) -> object:
    if isinstance(value, bool | float):
        raise PydanticCustomError("amount", "should be an amount as text, such as 12.50")
    return value


Line = Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=200)]
OptionalLine = Annotated[str, BeforeValidator(_optional), BeforeValidator(_one_line), Field(max_length=200)]
OptionalText = Annotated[str, BeforeValidator(_optional), Field(max_length=4000)]
Day = Annotated[date, BeforeValidator(_day)]
Money = Annotated[Decimal, BeforeValidator(_amount), Field(ge=0, max_digits=14, decimal_places=2)]


class Part(BaseModel):
    """Unknown keys are errors; values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class QuoteCustomer(Part):
    """Whom the quotation is for. Addresses have one line per line."""

    name: Line
    billing_address: OptionalText = ""
    shipping_address: OptionalText = ""


class QuoteDocumentLine(Part):
    """One priced item; money per case, in dollars. `line` orders the lines; without it they stay as they came."""

    line: int | None = Field(default=None, ge=1)
    item_code: Line
    description: Line
    pack_size: OptionalLine = ""
    quantity: int = Field(default=1, ge=1, le=1_000_000)
    case_price: Money


class QuoteDocument(Part):
    """A whole quotation. `number` may be the quote's id; the page shows `document_number` of it."""

    number: Annotated[str, BeforeValidator(_one_line), Field(min_length=1, max_length=80)]
    revision: int = Field(default=1, ge=1)
    date: Day
    valid_until: Day
    school_year: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    customer: QuoteCustomer
    prepared_by: OptionalLine = ""
    terms: OptionalLine = ""
    notes: OptionalText = ""
    lines: Annotated[tuple[QuoteDocumentLine, ...], Field(min_length=1, max_length=_MAX_LINES)]
    total: Money

    @model_validator(mode="after")
    def _consistent(self) -> "QuoteDocument":
        due = sum((line.quantity * line.case_price for line in self.lines), Decimal(0))
        if due != self.total:
            raise PydanticCustomError("quote_total", f"the lines add up to {due}, not to the total {self.total}")
        if self.valid_until < self.date:
            raise PydanticCustomError("quote_dates", "valid_until is before the date of the quotation")
        return self

    @property
    def ordered(self) -> list[QuoteDocumentLine]:
        """The lines by their number; those without one come last, as they came."""
        return sorted(self.lines, key=lambda line: (line.line is None, line.line or 0))


def read_document(data: Any) -> QuoteDocument:
    """Check JSON data. Raises `QuoteError` with every problem and where it is."""
    try:
        return QuoteDocument.model_validate(data)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}" for item in error.errors()]
        raise QuoteError("; ".join(problems[:20])) from error
