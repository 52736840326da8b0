"""The tables that contracts may name, described from the models.

Built lazily, because models may be asked about their fields only once the apps are ready.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from django.db import models

from approvals.models import Decision, ProposedAction
from workflows_app.contracts.catalog import Column, ColumnKind, Table
from workflows_app.models.alert import Alert
from workflows_app.models.event import CronOccurrence, Event
from workflows_app.models.mirror.anomalies import AnomalyInvestigation, WeeklyAnomaly
from workflows_app.models.mirror.customers import Customer, CustomerProfile, CustomerProgram, PaymentTerm, SalesRep
from workflows_app.models.mirror.items import ItemCost, PricingMaster, PricingTier, ProposedPricing, SpecItem, Vendor
from workflows_app.models.mirror.ledger import CustomerPayment, Transaction, TransactionLine
from workflows_app.models.mirror.mail import InboundEmail
from workflows_app.models.mirror.quotes import Quote, QuoteLine
from workflows_app.models.mirror.receivables import ArAging, ArDispute
from workflows_app.models.mirror.sync import SyncLog
from workflows_app.models.outbox import OutboundEmail, PendingPush
from workflows_app.models.run import ReflexionLog, RunHistory, RunLog, WorkflowRun, WorkflowStep
from workflows_app.models.verify import VerifyResult

# Mirror and derived tables: effects change them.
_WRITABLE: tuple[type[models.Model], ...] = (
    AnomalyInvestigation,
    ArAging,
    ArDispute,
    Customer,
    CustomerPayment,
    CustomerProfile,
    CustomerProgram,
    ItemCost,
    PaymentTerm,
    PricingMaster,
    PricingTier,
    ProposedPricing,
    Quote,
    QuoteLine,
    SalesRep,
    SpecItem,
    Transaction,
    TransactionLine,
    Vendor,
    WeeklyAnomaly,
)
# Written by the named writers of DESIGN.md section 2, by the runner and by approvals: contracts only read them.
_READABLE: tuple[type[models.Model], ...] = (
    Alert,
    CronOccurrence,
    Decision,
    Event,
    InboundEmail,
    OutboundEmail,
    PendingPush,
    ProposedAction,
    ReflexionLog,
    RunHistory,
    RunLog,
    SyncLog,
    VerifyResult,
    WorkflowRun,
    WorkflowStep,
)

# The first class that matches decides, so subclasses stand before their bases.
_KINDS: "tuple[tuple[type[models.Field[Any, Any]], ColumnKind], ...]" = (
    (models.BooleanField, "boolean"),
    (models.DateTimeField, "datetime"),
    (models.DateField, "date"),
    (models.DecimalField, "decimal"),
    (models.IntegerField, "integer"),
    (models.CharField, "text"),
    (models.TextField, "text"),
)


@cache
def tables() -> Mapping[str, Table]:
    """Every table that contracts may read, by its name; `writable` ones may be changed by effects."""
    found = {name: _table(model, writable=model in _WRITABLE) for name, model in _models().items()}
    return MappingProxyType(found)


def model_for(table: str) -> type[models.Model]:
    """The model of a table. Raises `KeyError` for a table that contracts may not name."""
    return _models()[table]


@cache
def _models() -> Mapping[str, type[models.Model]]:
    return {model._meta.db_table: model for model in sorted(_WRITABLE + _READABLE, key=lambda m: m._meta.db_table)}


def _table(model: type[models.Model], *, writable: bool) -> Table:
    """Describe one model by its database columns."""
    return Table(
        name=model._meta.db_table,
        columns=MappingProxyType({field.column: _column(field) for field in model._meta.concrete_fields}),
        key=model._meta.pk.column,
        unique=tuple(dict.fromkeys(_unique(model))),
        writable=writable,
        id_kind=getattr(model, "ID_KIND", ""),
    )


def _unique(model: type[models.Model]) -> Iterator[tuple[str, ...]]:
    """The column sets that identify a row: the key, unique columns, and unconditional constraints."""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    yield from ((field.column,) for field in model._meta.concrete_fields if field.unique)
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields and constraint.condition is None:
            yield tuple(columns[name] for name in constraint.fields)


def _column(field: "models.Field[Any, Any]") -> Column:
    """The kind of a field; a foreign key has the kind of what it points at."""
    source = field.target_field if isinstance(field, models.ForeignKey) else field
    return Column(
        kind=next(kind for cls, kind in _KINDS if isinstance(source, cls)),
        scale=source.decimal_places if isinstance(source, models.DecimalField) else 0,
        nullable=field.null,
        required=_required(field),
    )


def _required(field: "models.Field[Any, Any]") -> bool:
    """Whether an insert must give the column: no NULL, no default, not counted by the database, not blank text."""
    counted = isinstance(field, models.AutoField | models.BigAutoField)
    blank = field.blank and field.empty_strings_allowed
    return not (field.null or field.has_default() or counted or blank)
