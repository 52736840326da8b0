"""Proposals and decisions. `approvals/services/` are the only writers; no row here is ever deleted."""

from django.conf import settings
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When


class ProposalStatus(models.TextChoices):
    """What became of a proposal. Only `pending` can still be decided."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"  # a newer proposal of the same place took over
    CLOSED = "closed"  # its world changed: a recheck rule did not hold any more


# How the inbox is sorted. An index has it, and a query finds that index only by the very same text: `order_by` must not
# be given this expression, whose values become parameters, but `workflows_app/admin/proposals/lists.py` has its text.
PENDING_FIRST = Case(When(status=ProposalStatus.PENDING, then=Value(0)), default=Value(1), output_field=IntegerField())


class Outcome(models.TextChoices):
    """How far the effects of a proposal have come (DESIGN.md section 6)."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    APPLIED = "applied"
    SENT = "sent"
    CONFIRMED = "confirmed"
    VERIFIED = "verified"
    UNCERTAIN = "uncertain"


class ProposedAction(models.Model):
    """Frozen effects that wait for one decision. `effects` is the canonical text that the digest covers."""

    id = models.CharField(primary_key=True, max_length=80)
    action_type = models.CharField(max_length=80)
    entity_type = models.CharField(max_length=80, default="workflow_run")
    entity_ref = models.CharField(max_length=200, blank=True)
    customer_name = models.CharField(max_length=200, blank=True)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    payload = models.TextField(default="{}", help_text="Canonical text: what an event or a triggered run receives.")
    risk_level = models.PositiveSmallIntegerField(default=3)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    status = models.CharField(max_length=16, choices=ProposalStatus, default=ProposalStatus.PENDING)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.PROPOSED)
    proposed_at = models.DateTimeField()
    window_ends_at = models.DateTimeField(help_text="The response target; past it the proposal is overdue.")
    expires_at = models.DateTimeField(help_text="Past this moment, by the database's clock, nothing can be approved.")
    proposed_by = models.CharField(max_length=120, help_text="A principal: person:<username> or machine:<name>.")
    run_id = models.CharField(max_length=64, blank=True)
    step = models.CharField(max_length=80, blank=True, help_text="Empty: the gate that holds the whole run.")
    item = models.CharField(max_length=200, blank=True)
    plan_revision = models.PositiveIntegerField(default=1)
    effects = models.TextField(help_text="Canonical text of everything the decision covers.")
    digest = models.CharField(max_length=64)
    edits = models.TextField(
        default="[]", help_text="Canonical text: [{item, field, value}] that led to this proposal."
    )
    supersedes = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    difference = models.TextField(default="[]", help_text="Canonical text: what changed against the superseded one.")
    closed_reason = models.TextField(blank=True)
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "proposed_actions"
        verbose_name = "proposal"
        ordering = ["-proposed_at", "id"]
        permissions = [("decide_proposedaction", "Can approve or reject proposals")]
        constraints = [
            models.UniqueConstraint(
                fields=["run_id", "step", "item", "action_type", "plan_revision"],
                condition=~Q(run_id=""),
                name="proposal_once_per_place",
            ),
            models.CheckConstraint(condition=Q(status__in=ProposalStatus.values), name="proposal_status_known"),
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("proposed_at")), name="proposal_expires_later"),
        ]
        indexes = [
            # The inbox and the expiry pass: pending proposals by the moment they end.
            models.Index(fields=["expires_at"], condition=Q(status="pending"), name="proposal_pending_by_expiry"),
            # The list in the admin: what is pending, then the rest, newest first.
            models.Index(PENDING_FIRST, F("proposed_at").desc(), F("id"), name="proposal_inbox"),
            models.Index(
                F("action_type"), PENDING_FIRST, F("proposed_at").desc(), F("id"), name="proposal_inbox_by_type"
            ),
            # actions_staged: newest first within an action type.
            models.Index(fields=["action_type", "proposed_at"], name="proposal_by_type"),
            # The run page and the outcome of a run's steps.
            models.Index(fields=["run_id", "step"], name="proposal_by_run"),
            # The list by status. It names its condition: SQLite would take an index of all by status for other queries.
            models.Index(
                fields=["status", "-proposed_at", "id"], condition=~Q(status="approved"), name="proposal_not_approved"
            ),
            # The inbox, narrowed: whatever it is narrowed by is in the index, so that no row is read to be left out.
            models.Index(
                fields=[
                    "expires_at",
                    "window_ends_at",
                    "amount",
                    "action_type",
                    "step",
                    "risk_level",
                    "customer_name",
                    "run_id",
                    "id",
                    "status",
                ],
                condition=Q(status="pending"),
                name="proposal_pending_narrowed",
            ),
            # What waits for a decision about a customer; the search by customer.
            models.Index(
                fields=["customer_name", "expires_at"], condition=Q(status="pending"), name="proposal_pending_customer"
            ),
            models.Index(fields=["customer_name", "-proposed_at"], name="proposal_by_customer"),
            # Decision memory: what was decided of a kind, and for one customer. SQLite finds both by this very OR.
            models.Index(
                fields=["action_type", "step", "customer_name", "-proposed_at"],
                condition=Q(status="approved") | Q(status="rejected"),
                name="proposal_decided_for",
            ),
            models.Index(
                fields=["action_type", "step", "-proposed_at"],
                condition=Q(status="approved") | Q(status="rejected"),
                name="proposal_decided",
            ),
            # Per-customer pauses.
            models.Index(fields=["entity_type", "entity_ref"], name="proposal_by_entity"),
            # The worker's search for approved proposals whose effects are not applied yet.
            models.Index(fields=["id"], condition=Q(status="approved", outcome="approved"), name="proposal_to_apply"),
        ]

    def __str__(self) -> str:
        return self.title


class Verdict(models.TextChoices):
    """What a person said."""

    APPROVE = "approve"
    REJECT = "reject"
    EDIT = "edit"  # replaced by an edited proposal, which is then decided as any other


class Decision(models.Model):
    """One append-only link of the decision chain; see `approvals/chain/`."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    proposal = models.ForeignKey(ProposedAction, on_delete=models.PROTECT, related_name="decisions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    principal = models.CharField(max_length=120)
    channel = models.CharField(max_length=40, help_text="Where the decision was made: admin, command, api.")
    verdict = models.CharField(max_length=16, choices=Verdict)
    reason = models.TextField(blank=True)
    digest_shown = models.CharField(max_length=64)
    digest_decided = models.CharField(max_length=64)
    edits = models.TextField(default="[]")
    decided_at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        db_table = "decisions"
        ordering = ["-seq"]
        constraints = [
            models.UniqueConstraint(
                fields=["proposal"],
                condition=Q(verdict__in=["approve", "reject"]),
                name="decision_once_per_proposal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.principal} {self.verdict} {self.proposal_id}"


class DecisionChain(models.Model):
    """The head of the chain, one row: how many decisions there are and the hash of the last."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    count = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        db_table = "decision_chain"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="decision_chain_single_row")]

    def __str__(self) -> str:
        return f"{self.count} decisions"
