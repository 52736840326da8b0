"""`verify_decisions`: has anybody touched the decisions behind the services' back?"""

from typing import Any

from approvals.chain import verify
from approvals.models import DecisionChain
from workflows_app.management.base import Command as Base


class Command(Base):
    """Exit 0 when every decision is as it was written, 1 and one line for each problem when not."""

    help = "Check the chain of decisions for changed, removed, inserted or reordered rows."

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chain."""
        problems = verify()
        if problems:
            self.refuse("\n".join(problems))
        head = DecisionChain.objects.filter(pk=1).first() or DecisionChain()
        self.stdout.write(f"{head.count} decisions, all as they were written. Head: {head.head}")
