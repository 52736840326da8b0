"""The clock of a NetSuite sandbox in tests."""

from datetime import UTC, datetime, timedelta


class Hands:
    """The sandbox's clock, which a test can move on: NetSuite tells whole seconds only."""

    ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, seconds: float = 10) -> None:
        """Move on."""
        self.ahead += timedelta(seconds=seconds)
