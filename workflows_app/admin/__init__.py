"""The console. Importing this package registers every page; Django does that at start-up."""

from workflows_app.admin import mirror, outbox, platform, queue, users

__all__ = ["mirror", "outbox", "platform", "queue", "users"]
