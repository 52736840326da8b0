"""The workflows app: contracts, runs, effects and the mirror of NetSuite."""

from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """Registers the app and, at start-up, what approvals may call."""

    name = "workflows_app"
    verbose_name = "Workflows"

    def ready(self) -> None:
        """Let decisions move runs. Imported here because models do not exist before."""
        from approvals import hooks
        from workflows_app.runner.hooks import RunnerHooks

        hooks.register(RunnerHooks())
