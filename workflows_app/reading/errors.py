"""Why a reading gave nothing, in plain sentences."""


class ReadingError(Exception):
    """The database refused or failed, or a value does not fit the query; the message says which."""


class QueryTimeoutError(ReadingError):
    """A query ran longer than the time limit and was stopped."""


class RowCapError(ReadingError):
    """A query gave more rows than the cap."""
