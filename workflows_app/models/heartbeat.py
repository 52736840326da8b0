"""When each regular pass last ended well: what has stopped cannot report itself."""

from django.db import models


class Heartbeat(models.Model):
    """One row per regular pass (`tick`, `run_verify`, `deliver`)."""

    name = models.CharField(primary_key=True, max_length=40)
    at = models.DateTimeField()

    class Meta:
        db_table = "heartbeats"
        ordering = ["name"]

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S}"
