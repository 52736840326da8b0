"""How NetSuite says no: the status, the code and the words of its documentation, in its form (`type=error`)."""

from collections.abc import Mapping
from typing import Any

_RFC = "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10."
_TITLES = {
    400: ("4.1", "Bad Request"),
    401: ("4.2", "Unauthorized"),
    404: ("4.5", "Not Found"),
    405: ("4.6", "Method Not Allowed"),
    415: ("4.16", "Unsupported Media Type"),
    429: ("4", "Too Many Requests"),
    500: ("5.1", "Internal Server Error"),
}


class RestError(Exception):
    """A refusal. `where` holds `o:errorPath`, `o:errorQueryParam`, `o:errorHeader` or `o:errorUrl`."""

    def __init__(self, status: int, code: str, detail: str, **where: str) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.where = {f"o:{name}": value for name, value in where.items() if value}
        self.headers: dict[str, str] = {}
        self.top: Mapping[str, Any] = {}

    def body(self) -> dict[str, Any]:
        """The document that goes out."""
        section, title = _TITLES[self.status]
        details = [{"detail": self.detail, "o:errorCode": self.code, **self.where}]
        return {"type": _RFC + section, "title": title, "status": self.status, **self.top, "o:errorDetails": details}


def invalid_value(value: object, path: str, *, field: str) -> RestError:
    """A value of the wrong kind, or a reference to nothing."""
    words = f"You have entered an Invalid Field Value {value} for the following field: {field.lower()}"
    return RestError(400, "INVALID_CONTENT", f"Error while accessing resource: {words}", errorPath=path)


def user_error(words: str, path: str = "") -> RestError:
    """What NetSuite's own forms would say to a person."""
    return RestError(400, "USER_ERROR", f"Error while accessing a resource. {words}", errorPath=path)


def unknown_property(name: str, path: str) -> RestError:
    """A property that the record type does not have, under `X-NetSuite-PropertyNameValidation: error`."""
    return RestError(400, "INVALID_CONTENT", f"Invalid content in the request body. Unknown property: {name}.",
                     errorPath=path)  # fmt: skip


def no_such_record() -> RestError:
    """No record with that internal or external id."""
    return RestError(404, "NONEXISTENT_ID", "Record does not exist.")


def bad_parameter(words: str, name: str) -> RestError:
    """A query parameter, or the query text `q`, that makes no sense."""
    return RestError(400, "INVALID_PARAMETER", words, errorQueryParam=name)


def bad_request(words: str, *, header: str = "", url: str = "") -> RestError:
    """A request that is not of the documented form."""
    return RestError(400, "INVALID_REQUEST", words, errorHeader=header, errorUrl=url)


def not_logged_in() -> RestError:
    """Any trouble with a token or signature: NetSuite tells no more."""
    error = RestError(
        401,
        "INVALID_LOGIN",
        "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
        "Setup > Users/Roles > User Management > View Login Audit Trail.",
    )
    error.headers["WWW-Authenticate"] = 'Bearer realm="NetSuite", error="invalid_token"'
    return error


def too_many_at_once() -> RestError:
    """More requests at a time than the account's governance allows."""
    error = RestError(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded. Request blocked.")
    error.top = {"o:errorCode": "USER_ERROR"}
    return error


def unexpected(error_id: str) -> RestError:
    """NetSuite's own trouble; whether anything was saved is not known."""
    return RestError(500, "UNEXPECTED_ERROR", f"An unexpected error occurred. Error ID: {error_id}")
