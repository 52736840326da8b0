"""The account's time zone: SuiteQL compares and shows moments as the account's people see them, without a zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings

from workflows_app.netsuite.errors import SettingsError

# Whoever reads may see another zone than the account's: a window begins earlier by more than any two zones differ.
OVERLAP = timedelta(hours=24)
ORACLE_FORMAT = "YYYY-MM-DD HH24:MI:SS"
_FORMAT = "%Y-%m-%d %H:%M:%S"
_DEFAULT = "America/New_York"  # of the embedded sandbox; a live account must name its own


@dataclass(frozen=True)
class AccountZone:
    """Converts both ways."""

    zone: ZoneInfo

    @classmethod
    def configured(cls) -> Self:
        """The zone in the settings. Raises `SettingsError` for one that does not exist."""
        name = settings.NETSUITE.get("TIME_ZONE") or _DEFAULT
        try:
            return cls(ZoneInfo(name))
        except (ZoneInfoNotFoundError, ValueError):
            raise SettingsError(f"NETSUITE_TIME_ZONE: there is no time zone {name!r}.") from None

    def window_start(self, since: datetime) -> str:
        """From where a query reads changes since a moment, as text of `ORACLE_FORMAT`."""
        return (since - OVERLAP).astimezone(self.zone).strftime(_FORMAT)

    def moment(self, shown: str) -> datetime:
        """What a query shows, in UTC; of an hour that comes twice, the first. Raises `ValueError`."""
        local = datetime.strptime(shown, _FORMAT)  # noqa: DTZ007 - the zone follows
        return local.replace(tzinfo=self.zone).astimezone(UTC)

    def comes_twice(self, moment: datetime) -> bool:
        """Whether the clocks show this moment's time a second time: then the order of two moments is not known."""
        local = moment.astimezone(self.zone)
        return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()

    def today(self, moment: datetime) -> date:
        """The day it is for the account's people."""
        return moment.astimezone(self.zone).date()
