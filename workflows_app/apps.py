"""The workflows app: contracts, runs, effects and the mirror of NetSuite."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Registers the app and, at start-up, what approvals may call."""

    name = "workflows_app"
    verbose_name = "Workflows"
