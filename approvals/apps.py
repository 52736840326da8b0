"""The approvals app: proposals, decisions and the chain that proves them. It knows nothing of runs."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ApprovalsConfig(AppConfig):
    """Registers the app under its plain name."""

    name = "approvals"
    verbose_name = "Decisions"

    def ready(self) -> None:
        """Have the groups made once the tables and permissions are there."""
        from approvals.groups import make_groups  # models can be imported only now

        post_migrate.connect(make_groups, sender=self)
