"""SuiteQL's dialect for sqlglot: Oracle's, with the functions on dates left as they are written."""

from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.dialect import NormalizationStrategy
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.parsers.oracle import OracleParser

from workflows_app.netsuite.sandbox.errors import RestError, bad_parameter

_OWN = {"TO_CHAR", "TO_DATE", "TO_TIMESTAMP", "TRUNC", "ADD_MONTHS", "SYSDATE"}
_FOREIGN_WORDS = {"LIMIT", "OFFSET"}


class SuiteQL(Oracle):
    """Names are lower-case, as SuiteQL's answers are."""

    NORMALIZATION_STRATEGY = NormalizationStrategy.LOWERCASE

    class Parser(OracleParser):
        """Formats of dates stay Oracle's."""

        FUNCTIONS = {name: make for name, make in OracleParser.FUNCTIONS.items() if name not in _OWN}
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}


def parse(text: str) -> exp.Query:
    """One SELECT. Raises `RestError` 400 for anything else, and for what Oracle does not understand."""
    try:
        dialect = SuiteQL()
        words = {token.text.upper() for token in dialect.tokenize(text) if token.token_type.name in _FOREIGN_WORDS}
        parsed = [one for one in dialect.parse(text) if one is not None]
    except SqlglotError as error:
        raise refused(str(error).partition("\n")[0]) from None
    if words or "[" in text:
        raise refused(f"Syntax error near {(sorted(words) or ['['])[0]}")
    if len(parsed) != 1 or not isinstance(parsed[0], exp.Query):
        raise refused("Only one SELECT statement is supported")
    return parsed[0]


def refused(words: str) -> RestError:
    """A query that NetSuite would not run."""
    return bad_parameter(f"Invalid search query. Detailed unprocessed description follows. {words}.", "q")
