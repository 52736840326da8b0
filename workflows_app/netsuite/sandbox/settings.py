"""What kind of account the sandbox plays."""

from dataclasses import dataclass

# The account id: the realm of token-based authentication.
ACCOUNT = "TSTDRV1"


@dataclass(frozen=True, kw_only=True)
class SandboxSettings:
    """The account's own settings. `concurrency` is its governance limit; 5 is NetSuite's Standard tier.

    With `auto_numbering` off, a customer or vendor is named by its company name, which then has to be unique.
    """

    account: str = ACCOUNT
    time_zone: str = "America/New_York"
    concurrency: int = 5
    token_seconds: int = 3600
    auto_numbering: bool = True
