"""The approvals app: proposals, decisions and the chain that proves them. It knows nothing of runs."""

from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    """Registers the app under its plain name."""

    name = "approvals"
    verbose_name = "Decisions"
