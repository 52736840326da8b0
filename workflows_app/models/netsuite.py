"""Rows that belong to the connection with NetSuite itself."""

from django.db import models


class NetSuiteSlot(models.Model):
    """The right to have one request under way; as many rows are used as the account's concurrency allows us.

    A holder that dies leaves its lease, which runs out.
    """

    number = models.PositiveSmallIntegerField(primary_key=True)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "netsuite_slots"

    def __str__(self) -> str:
        return f"slot {self.number}"
