"""Every table of DESIGN.md section 10, as thin rows with their constraints."""

from workflows_app.models.alert import Alert
from workflows_app.models.api import ApiToken, WebhookDelivery, WebhookReceipt, WebhookSource, WebhookSubscription
from workflows_app.models.contract import ContractPause, WorkflowContract
from workflows_app.models.drafting import DraftedText
from workflows_app.models.event import CronOccurrence, Event
from workflows_app.models.heartbeat import Heartbeat
from workflows_app.models.hold import Hold
from workflows_app.models.mirror.anomalies import AnomalyInvestigation, WeeklyAnomaly
from workflows_app.models.mirror.customers import (
    Customer,
    CustomerProfile,
    CustomerProgram,
    PaymentTerm,
    SalesRep,
)
from workflows_app.models.mirror.items import (
    ItemCost,
    PricingMaster,
    PricingTier,
    ProposedPricing,
    SpecItem,
    Vendor,
)
from workflows_app.models.mirror.ledger import CustomerPayment, Transaction, TransactionLine
from workflows_app.models.mirror.mail import InboundEmail, MailboxPosition, TriageCorrection
from workflows_app.models.mirror.quotes import Quote, QuoteLine
from workflows_app.models.mirror.receivables import ArAging, ArDispute
from workflows_app.models.mirror.sync import SyncLog
from workflows_app.models.netsuite import NetSuiteSlot
from workflows_app.models.outbox import OutboundEmail, PendingPush
from workflows_app.models.run import ReflexionLog, RunHistory, RunLog, WorkflowRun, WorkflowStep
from workflows_app.models.verify import VerifyResult

__all__ = [
    "Alert",
    "AnomalyInvestigation",
    "ApiToken",
    "ArAging",
    "ArDispute",
    "ContractPause",
    "CronOccurrence",
    "Customer",
    "CustomerPayment",
    "CustomerProfile",
    "CustomerProgram",
    "DraftedText",
    "Event",
    "Heartbeat",
    "Hold",
    "InboundEmail",
    "ItemCost",
    "MailboxPosition",
    "NetSuiteSlot",
    "OutboundEmail",
    "PaymentTerm",
    "PendingPush",
    "PricingMaster",
    "PricingTier",
    "ProposedPricing",
    "Quote",
    "QuoteLine",
    "ReflexionLog",
    "RunHistory",
    "RunLog",
    "SalesRep",
    "SpecItem",
    "SyncLog",
    "Transaction",
    "TransactionLine",
    "TriageCorrection",
    "Vendor",
    "VerifyResult",
    "WebhookDelivery",
    "WebhookReceipt",
    "WebhookSource",
    "WebhookSubscription",
    "WeeklyAnomaly",
    "WorkflowContract",
    "WorkflowRun",
    "WorkflowStep",
]
