"""A thin client of NetSuite's REST record API and SuiteQL (NETSUITE.md sections 1 and 3).

One request at a time per client; how many clients work at once is limited over all processes (`slots`). Every failure
is one of the typed errors of `errors.py`. Nothing is retried here but readings, when asked for by `patience`.
"""

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Any, NoReturn, Self
from urllib.parse import quote

import httpx
from django.conf import settings

from workflows_app.netsuite.account import Account, account_from
from workflows_app.netsuite.authentication import Clock, TokenCache, authentication
from workflows_app.netsuite.bodies import decoded, encoded
from workflows_app.netsuite.errors import (
    BusyError,
    NetSuiteError,
    OutcomeUnknownError,
    UnreachableError,
    classify,
)
from workflows_app.netsuite.slots import Slots, slots

Record = dict[str, Any]

_ROOT = "/services/rest"
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
# Unknown fields would be dropped silently by default; here they are an error.
_STRICT = {"X-NetSuite-PropertyNameValidation": "error", "X-NetSuite-PropertyValueValidation": "error"}
_RECORD_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_LONGEST_PAUSE_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Page:
    """One page of a query: rows with lower-case keys (a NULL column is left out), and what is said of the rest."""

    items: list[Record]
    has_more: bool
    total: int | None
    offset: int


class NetSuite:
    """A connection; a context manager.

    `patience`: how many more times a reading is tried when NetSuite is busy or gives no answer. `calls` and `busy`
    count the requests made and those answered "too many".
    """

    def __init__(
        self,
        account: Account,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Clock = time.time,
        tokens: TokenCache | None = None,
        slots: Slots = nullcontext,
        patience: int = 0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.account = account
        self.calls = 0
        self.busy = 0
        self._auth = authentication(account, clock=clock, tokens=tokens)
        self._slots = slots
        self._patience = patience
        self._sleep = sleep
        self._http = httpx.Client(
            auth=self._auth,
            timeout=httpx.Timeout(account.timeout, connect=min(10.0, account.timeout)),
            cookies=_no_cookies(),
            headers={"Accept": "application/json", "User-Agent": "Countersign"},
            follow_redirects=False,
            trust_env=False,
            transport=transport,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, record_type: str, ref: str, *, expand: bool = False) -> Record:
        """A record by internal id or `eid:…`; `expand`: with the lines of its sublists. Numbers are int or Decimal."""
        params = {"expandSubResources": "true"} if expand else {}
        return self._read("GET", _path(record_type, ref), params=params)

    def first_id(self, record_type: str) -> str:
        """The internal id of some record of a type; nothing when there is none."""
        found = self._read("GET", _path(record_type), params={"limit": "1"})
        return next((str(one["id"]) for one in found.get("items", ())), "")

    def create(self, record_type: str, body: Mapping[str, Any]) -> str:
        """A new record; its internal id. Made twice it is there twice: delivery uses `upsert`."""
        answer = self._write("POST", _path(record_type), body)
        return _located(answer) or self._unknown("POST", record_type, "no Location in the answer", answer)

    def update(self, record_type: str, ref: str, body: Mapping[str, Any], *, replace: Sequence[str] = ()) -> None:
        """Change the fields in `body`; lines of the sublists in `replace` replace the old ones, else they are added."""
        self._write("PATCH", _path(record_type, ref), body, replace)

    def upsert(
        self, record_type: str, external_id: str, body: Mapping[str, Any], *, replace: Sequence[str] = ()
    ) -> str:
        """Make or change the record with this external id; its internal id, or nothing when NetSuite does not say."""
        return _located(self._write("PUT", _path(record_type, f"eid:{external_id}"), body, replace))

    def delete(self, record_type: str, ref: str) -> None:
        """Remove a record."""
        self._write("DELETE", _path(record_type, ref), None)

    def server_time(self) -> datetime:
        """NetSuite's clock."""
        answer = self._read("GET", f"{_ROOT}/system/v1/serverTime")
        try:
            return datetime.fromisoformat(answer["serverTime"])
        except (KeyError, TypeError, ValueError):
            raise OutcomeUnknownError("GET serverTime: the answer cannot be read", status=200) from None

    def query(self, sql: str, params: Sequence[Any] = (), *, limit: int = 1000, offset: int = 0) -> Page:
        """One page of SuiteQL. Every value arrives as text; `offset` must be a multiple of `limit`."""
        answer = self._read(
            "POST",
            f"{_ROOT}/query/v1/suiteql",
            params={"limit": str(limit), "offset": str(offset)},
            headers={"Prefer": "transient"},
            body={"q": sql, "params": [str(value) for value in params]},
        )
        items = [
            {key.lower(): _clean(value) for key, value in row.items() if key != "links"}
            for row in answer.get("items", ())
        ]
        return Page(items=items, has_more=bool(answer.get("hasMore")), total=answer.get("totalResults"), offset=offset)

    def pages(
        self, sql: str, *, after: str = "0", params: Sequence[Any] = (), size: int = 1000
    ) -> Iterator[list[Record]]:
        """All rows, page by page. `sql` selects `id`, orders by it, and has `id > ?` as its last `?`.

        By key instead of by offset: survives changes while reading and the limit of 100,000 rows (NETSUITE.md 3).
        """
        while True:
            page = self.query(sql, [*params, after], limit=size)
            if page.items:
                yield page.items
                last = str(page.items[-1]["id"])
                if last == after:
                    raise OutcomeUnknownError(f"SuiteQL: the page after id {after} ends with the same id")
                after = last
            if not page.has_more or not page.items:
                return

    def _write(
        self, method: str, path: str, body: Mapping[str, Any] | None, replace: Sequence[str] = ()
    ) -> httpx.Response:
        params = {"replace": ",".join(replace)} if replace else {}
        answer = self._send(method, path, params=params, headers=_STRICT, body=body)
        if answer.status_code == 202:
            self._unknown(method, _what(path), "accepted, but not done yet", answer)
        return answer

    def _read(self, method: str, path: str, **parts: Any) -> Record:
        """A reading, tried again when nobody answered. What cannot be read is as good as no answer."""
        for attempt in range(self._patience + 1):
            try:
                return self._answer(method, path, **parts)
            except NetSuiteError as error:
                if not error.again or attempt == self._patience:
                    raise
                self._sleep(getattr(error, "retry_after", None) or _pause(attempt))
        raise AssertionError("a loop over at least one attempt")

    def _answer(self, method: str, path: str, **parts: Any) -> Record:
        answer = self._send(method, path, **parts)
        try:
            found = decoded(answer.text)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            self._unknown(method, _what(path), "the answer cannot be read", answer)
        return found

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Make the call; raises when NetSuite did not say yes."""
        content = None if body is None else encoded(body)
        typed = {"Content-Type": "application/json"} if content is not None else {}
        request = self._http.build_request(
            method,
            self.account.url + path,
            params=params or None,
            headers={**(headers or {}), **typed},
            content=content,
        )
        with self._slots():
            self.calls += 1
            answer = self._sent(request)
        if not answer.is_success:
            raise self._refused(request, answer)
        return answer

    def _sent(self, request: httpx.Request) -> httpx.Response:
        what = f"{request.method} {_what(request.url.path)}"
        try:
            return self._http.send(request)
        except _NEVER_SENT as error:
            where = self.account.url
            raise UnreachableError(f"{what}: {where} cannot be reached ({type(error).__name__})") from None
        except httpx.RequestError as error:
            raise self._broken_off(what, error) from None
        except BusyError:
            self.busy += 1  # logging in
            raise

    def _broken_off(self, what: str, error: httpx.RequestError) -> NetSuiteError:
        """The connection broke while an answer was due: a write may have happened, unless it was the login."""
        name = type(error).__name__
        if str(error.request.url) == self._auth.token_url:
            return UnreachableError(f"logging in: no answer ({name})")
        return OutcomeUnknownError(f"{what}: no answer ({name})")

    def _refused(self, request: httpx.Request, answer: httpx.Response) -> NetSuiteError:
        what = f"{request.method} {_what(request.url.path)}"
        error = classify(
            answer.status_code,
            self._auth.scrubbed(answer.text),
            what=what,
            retry_after=answer.headers.get("Retry-After", ""),
        )
        self.busy += answer.status_code == 429
        return error

    def _unknown(self, method: str, what: str, reason: str, answer: httpx.Response) -> NoReturn:
        body = self._auth.scrubbed(answer.text)
        raise OutcomeUnknownError(f"{method} {what}: {reason}", status=answer.status_code, body=body)


def connect(*, patience: int = 0) -> NetSuite:
    """A client of the account in the settings. Raises `SettingsError`."""
    account = account_from(settings.NETSUITE)
    lease = timedelta(seconds=4 * account.timeout + 10)
    return NetSuite(account, slots=slots(account.concurrency, lease=lease), patience=patience)


def _path(record_type: str, ref: str = "") -> str:
    if not _RECORD_TYPE.fullmatch(record_type):
        raise ValueError(f"{record_type!r} is no record type")
    path = f"{_ROOT}/record/v1/{record_type}"
    return f"{path}/{quote(ref, safe=':')}" if ref else path


def _clean(value: Any) -> Any:
    """Without NUL characters, which no database of ours can hold."""
    return value.replace("\0", "") if isinstance(value, str) else value


def _what(path: str) -> str:
    """The end of a path, for messages."""
    return path.removeprefix(f"{_ROOT}/").removeprefix("record/v1/")


def _located(answer: httpx.Response) -> str:
    """The internal id at the end of `Location`; nothing when there is none."""
    found = re.search(r"/(\d+)/?$", answer.headers.get("Location", "").split("?")[0])
    return found[1] if found else ""


def _pause(attempt: int) -> float:
    """Growing, jittered seconds."""
    return min(0.5 * float(2**attempt), _LONGEST_PAUSE_SECONDS) * random.uniform(0.8, 1.2)  # noqa: S311 not a secret


def _no_cookies() -> CookieJar:
    """A jar that takes nothing: stray cookies make NetSuite answer 401."""
    return CookieJar(policy=DefaultCookiePolicy(allowed_domains=[]))
