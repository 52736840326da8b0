"""What a language model wrote for a run, kept as it came and never changed."""

from typing import Final

from django.db import models

from workflows_app.models.run import WorkflowRun

LETTER: Final = "letter"
REFLEXION: Final = "reflexion"


class DraftedText(models.Model):
    """One text that was asked for, once per run: what came back, or why nothing did. Rows are only added.

    `key`: the SHA-256 of what was to be rewritten, so that other facts find no draft. A run that has rows for letters
    is never drafted again: planning reads them, and must find the same each time.
    """

    run = models.ForeignKey(WorkflowRun, on_delete=models.PROTECT, related_name="drafted")
    purpose = models.CharField(max_length=16)
    key = models.CharField(max_length=64)
    text = models.TextField(blank=True)
    refusal = models.CharField(max_length=300, blank=True, help_text="Why the template is used instead.")
    model = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "drafted_texts"
        constraints = [
            # also what planning reads: the letters of a run.
            models.UniqueConstraint(fields=["run", "purpose", "key"], name="drafted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.run_id}"
