"""What can go wrong with NetSuite, told apart by what to do next (NETSUITE.md section 1).

NetSuite calls nearly everything `USER_ERROR`: answers are told apart by status and words, and the whole body is kept.
"""

import json
from typing import Any, ClassVar

_MOST_KEPT = 20_000


def storable(text: str) -> str:
    """A text without NUL characters, which PostgreSQL does not store."""
    return text.replace("\0", "")


class NetSuiteError(Exception):
    """A call that did not do what was asked.

    `message` is one sentence with NetSuite's own words, `status` the HTTP status (None: no answer), `code` NetSuite's
    `o:errorCode`, `body` the whole answer. `again`: the same call may be made again later. None of them holds secrets.
    """

    again: ClassVar[bool] = False

    def __init__(self, message: str, *, status: int | None = None, code: str = "", body: str = "") -> None:
        message = storable(message)
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.body = storable(body)


class SettingsError(NetSuiteError):
    """The NETSUITE_* settings are incomplete or contradict each other; nothing was sent."""


class BusyError(NetSuiteError):
    """NetSuite (or our own limit) takes no more requests now. Nothing happened; `retry_after` in seconds, if told."""

    again = True
    retry_after: float | None = None


class UnreachableError(NetSuiteError):
    """The request never reached NetSuite."""

    again = True


class OutcomeUnknownError(NetSuiteError):
    """The request was sent and no trustworthy answer came: a write may have happened, a reading may be repeated."""

    again = True


class LoginRefusedError(NetSuiteError):
    """The login is not accepted, not even with a new token. No fault of the record: everything waits."""


class PermissionRefusedError(NetSuiteError):
    """The role may not do this. No fault of the record: everything waits for a person."""


class NotFoundError(NetSuiteError):
    """There is no such record."""


class RefusedError(NetSuiteError):
    """NetSuite refused this very request, in its own words.

    `hopeless`: the same request can never succeed (its content is wrong), so that nobody should try it again.
    """

    @property
    def hopeless(self) -> bool:
        """Whether NetSuite said that the content itself is wrong."""
        return self.code in _HOPELESS or self.status in {405, 413, 414, 415, 422}


_HOPELESS = frozenset({"INVALID_CONTENT", "INVALID_REQUEST", "INVALID_PARAMETER", "INVALID_HEADER"})
_BUSY_CODES = frozenset({"CONCURRENCY_LIMIT_EXCEEDED", "SSS_REQUEST_LIMIT_EXCEEDED", "SSS_CONCURRENCY_LIMIT_EXCEEDED"})
_PERMISSION_CODES = frozenset({"INSUFFICIENT_PERMISSION", "PERMISSION_VIOLATION", "FEATURE_DISABLED"})
_BY_STATUS: dict[int, type[NetSuiteError]] = {
    401: LoginRefusedError,
    403: PermissionRefusedError,
    404: NotFoundError,
    408: OutcomeUnknownError,
    425: BusyError,
    429: BusyError,
    503: BusyError,
}


def classify(status: int, text: str, *, what: str, retry_after: str = "") -> NetSuiteError:
    """The error that an answer means; `what` names the call, e.g. `PUT customer`. `text` must hold no secrets."""
    details = _details(text)
    code = next((str(one["o:errorCode"]) for one in details if one.get("o:errorCode")), "")
    words = "; ".join(str(one["detail"]) for one in details if one.get("detail")) or " ".join(text.split())[:500]
    kind = _kind(status, code, words)
    error = kind(f"{what}: {status} {code} {words}".strip(), status=status, code=code, body=text[:_MOST_KEPT])
    if isinstance(error, BusyError) and retry_after.isdigit():
        error.retry_after = float(retry_after)
    return error


def _kind(status: int, code: str, words: str) -> type[NetSuiteError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return OutcomeUnknownError
    if status < 400:
        return UnreachableError  # a redirect: somebody else answered
    if code in _BUSY_CODES:
        return BusyError
    if code == "INVALID_LOGIN":
        return LoginRefusedError
    if code in _PERMISSION_CODES or "does not have permission" in words.lower():
        return PermissionRefusedError
    return RefusedError


def _details(text: str) -> list[dict[str, Any]]:
    """NetSuite's `o:errorDetails`, or OAuth's `error`; nothing when the answer is something else."""
    try:
        answer = json.loads(text)
    except ValueError:
        return []
    if not isinstance(answer, dict):
        return []
    found = answer.get("o:errorDetails")
    if isinstance(found, list):
        return [one for one in found if isinstance(one, dict)]
    if isinstance(answer.get("error"), str):
        return [{"o:errorCode": answer["error"], "detail": answer.get("error_description", "")}]
    return []
