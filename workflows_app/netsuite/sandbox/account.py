"""One sandbox account: its file, its keys, its limits, and what is planted in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workflows_app.netsuite.sandbox.arrivals import Arrivals
from workflows_app.netsuite.sandbox.credentials import SandboxCredentials, ensure_credentials
from workflows_app.netsuite.sandbox.faults import Faults
from workflows_app.netsuite.sandbox.governance import Governance
from workflows_app.netsuite.sandbox.settings import SandboxSettings
from workflows_app.netsuite.sandbox.signatures import SignatureCheck
from workflows_app.netsuite.sandbox.store import Clock, Store
from workflows_app.netsuite.sandbox.tokens import Tokens


@dataclass(frozen=True, kw_only=True)
class SandboxAccount:
    """Everything that a request may need."""

    settings: SandboxSettings
    store: Store
    credentials: SandboxCredentials
    tokens: Tokens
    signatures: SignatureCheck
    governance: Governance
    faults: Faults
    arrivals: Arrivals


def open_account(
    folder: Path, settings: SandboxSettings, clock: Clock, certificates: Mapping[str, str] | None = None
) -> SandboxAccount:
    """The account in `folder`, made there when it is empty. `certificates`: further public keys (PEM) by their id."""
    store = Store(folder, time_zone=settings.time_zone, clock=clock)
    own = ensure_credentials(folder)
    keys = {own.certificate_id: own.public_key_pem, **(certificates or {})}
    tokens = Tokens(store, client_id=own.client_id, certificates=keys, seconds=settings.token_seconds)
    return SandboxAccount(
        settings=settings,
        store=store,
        credentials=own,
        tokens=tokens,
        signatures=SignatureCheck(store=store, credentials=own, account=settings.account),
        governance=Governance(settings.concurrency),
        faults=Faults(),
        arrivals=Arrivals(),
    )
