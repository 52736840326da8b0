"""The shared lock under the name that appliers know; it lives below, where sync may take it too."""

from workflows_app.models.lock import hold_still

__all__ = ["hold_still"]
