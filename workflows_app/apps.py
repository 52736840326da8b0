"""The workflows app: contracts, runs, effects and the mirror of NetSuite."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate


class WorkflowsConfig(AppConfig):
    """Registers the app and, at start-up, what approvals may call."""

    name = "workflows_app"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Let decisions move runs, rules stop letters, the groups see our tables, and the memory keep its index.

        Imported here because models do not exist before.
        """
        from approvals import hooks
        from approvals.groups import grant_view
        from workflows_app.delivery import waiting
        from workflows_app.drafting.checks import check_settings
        from workflows_app.models import memory
        from workflows_app.runner import leaf
        from workflows_app.runner.hooks import RunnerHooks

        hooks.register(RunnerHooks())
        register(check_settings)
        waiting.register(leaf.objection)
        post_migrate.connect(grant_view, sender=self)
        post_migrate.connect(memory.repair, sender=self)
