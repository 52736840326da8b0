"""Strict YAML: text, integers, booleans, null, lists and mappings with text keys, and the place of each in the file.

Reads PyYAML's events with rules of its own, so that nothing turns into what was not meant: `no` is not false, `010` is
not 8, `1:30` is not 90, and one mapping never repeats a key. Sequences become tuples.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from workflows_app.contracts.problems import Path

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
_MAX_DIGITS = 18

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
# What a plain scalar may not be, and what to write instead; the first match speaks.
_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(?i)yes|no|on|off"), "write '{0}' in quotes, or true/false"),
    (re.compile(r"(?i)true|false|null"), "write '{0}' in quotes, or in small letters"),
    (re.compile(r"[-+]?0[0-9_]+"), "write '{0}' in quotes, or without the leading zero (YAML may read it as octal)"),
    (re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?"), "write '{0}' in quotes (YAML reads it in base 60)"),
    (re.compile(r"[-+]?0[box][0-9a-fA-F_]+"), "write '{0}' in quotes, or as a decimal number"),
    (re.compile(r"[-+]?[0-9]+_[0-9_]*"), "write '{0}' in quotes, or without the underscore"),
    (
        re.compile(
            r"(?i)[-+]?([0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*|[0-9][0-9_]*(?=e))(e[-+]?[0-9]+)?|[-+]?\.(inf|nan)"
        ),
        "write '{0}' in quotes: a number with a fraction travels as text",
    ),
)


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where a node begins in the text (line and column count from 0), and how a scalar is written there."""

    line: int
    column: int
    style: str | None = None


@dataclass(kw_only=True)
class Node:
    """A value of the file with its place. `content` is a scalar, a list of nodes or a mapping of nodes."""

    path: Path
    span: Span
    key_span: Span | None = None
    content: Any = None

    def data(self) -> Any:
        """The plain value: mappings as dict, sequences as tuple."""
        if isinstance(self.content, dict):
            return {key: node.data() for key, node in self.content.items()}
        if isinstance(self.content, list):
            return tuple(node.data() for node in self.content)
        return self.content

    def child(self, part: object) -> "Node | None":
        """The node under a key or position, None when there is none."""
        if isinstance(self.content, dict):
            return self.content.get(part) if isinstance(part, str) else None
        if isinstance(self.content, list) and isinstance(part, int) and 0 <= part < len(self.content):
            found: Node = self.content[part]
            return found
        return None


class YamlError(Exception):
    """The text cannot be read any further. `line` and `column` count from 0."""

    def __init__(self, line: int, column: int, message: str) -> None:
        self.line, self.column, self.message = line, column, message
        super().__init__(message)


@dataclass(frozen=True, kw_only=True)
class Complaint:
    """Something refused, after which reading went on."""

    span: Span
    path: Path
    message: str


@dataclass
class _Builder:
    """Builds nodes from events and collects complaints."""

    events: Iterator[yaml.Event]
    complaints: list[Complaint] = field(default_factory=list)

    def document(self) -> Node:
        """The only document of the stream."""
        next(self.events)  # stream start
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise YamlError(0, 0, "the file is empty")
        root = self.node(next(self.events), ())
        next(self.events)  # document end
        more = next(self.events)
        if not isinstance(more, yaml.StreamEndEvent):
            self._complain(more, (), "a file holds one contract; remove the second document")
        return root

    def node(self, event: yaml.Event, path: Path) -> Node:
        """The node that begins with `event`. Raises `YamlError` when it is too deep."""
        if len(path) > MAX_DEPTH:
            span = _span(event)
            raise YamlError(span.line, span.column, f"nested deeper than {MAX_DEPTH} levels")
        self._refuse_references(event, path)
        node = Node(path=path, span=_span(event))
        if isinstance(event, yaml.MappingStartEvent):
            node.content = self._mapping(path)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.content = self._sequence(path)
        elif isinstance(event, yaml.ScalarEvent):
            node.content = self._scalar(event, path)
        return node

    def _mapping(self, path: Path) -> dict[str, Node]:
        found: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._key(event, path)
            value = self.node(next(self.events), (*path, key or "?"))
            if key is None:
                continue
            if key in found:
                self._complain(event, (*path, key), f"the key {key} is here twice")
                continue
            value.key_span = _span(event)
            found[key] = value
        return found

    def _key(self, event: yaml.Event, path: Path) -> str | None:
        """The text of a key; None (and a complaint) when it is not text."""
        if not isinstance(event, yaml.ScalarEvent):
            self._complain(event, path, "a key must be text, not a list or mapping")
            self.node(event, (*path, "?"))
            return None
        self._refuse_references(event, path)
        if event.style is None and event.value == "<<":
            self._complain(event, path, "merge keys (<<) are not used here; write the keys out")
            return None
        if event.style is None and not isinstance(self._scalar(event, path), str):
            self._complain(event, path, f"a key must be text; write '{event.value}' in quotes")
            return None
        return event.value

    def _sequence(self, path: Path) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self.node(event, (*path, len(found))))
        return found

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> str | int | bool | None:
        if any(_unstorable(character) for character in event.value):
            self._complain(event, path, "holds a control character; remove it")
            return "?"
        if event.style is not None:
            return event.value
        return self._plain(event, path)

    def _plain(self, event: yaml.ScalarEvent, path: Path) -> str | int | bool | None:
        """A scalar without quotes: a word, an integer or text. What is refused stays text."""
        text: str = event.value
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            if len(text) <= _MAX_DIGITS:
                return int(text)
            self._complain(event, path, f"a number of more than {_MAX_DIGITS} digits; write it in quotes")
        refused = next((say for pattern, say in _REFUSED if pattern.fullmatch(text)), None)
        if refused:
            self._complain(event, path, refused.format(text))
        return text

    def _refuse_references(self, event: yaml.Event, path: Path) -> None:
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            self._complain(event, path, f"aliases (*{anchor}) are not used here; write the value out")
        elif anchor:
            self._complain(event, path, f"anchors (&{anchor}) are not used here; remove it")
        if tag:
            self._complain(event, path, f"tags ({tag}) are not used here; remove it")

    def _complain(self, event: yaml.Event, path: Path, message: str) -> None:
        self.complaints.append(Complaint(span=_span(event), path=path, message=message))


def _unstorable(character: str) -> bool:
    """Control characters and half surrogates, which no database or mail takes."""
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs")


def _span(event: yaml.Event) -> Span:
    mark = event.start_mark
    return Span(line=mark.line if mark else 0, column=mark.column if mark else 0, style=getattr(event, "style", None))


def read(text: str) -> tuple[Node, list[Complaint]]:
    """The file as nodes, and what was refused on the way. Raises `YamlError` when it cannot be read to its end."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise YamlError(0, 0, f"the file is larger than {MAX_BYTES // 1024} kB")
    builder = _Builder(iter(yaml.parse(text, Loader=yaml.SafeLoader)))
    try:
        return builder.document(), builder.complaints
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(mark.line if mark else 0, mark.column if mark else 0, _plain_words(error)) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = len(before) - before.rfind("\n") - 1
        raise YamlError(before.count("\n"), column, "holds a character that YAML does not allow") from None
    except (ValueError, OverflowError):  # PyYAML's own trouble with escapes such as "\UFFFFFFFF"
        raise YamlError(0, 0, "holds an escape that is no character") from None


def _plain_words(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or "cannot be read"
    if "'\\t'" in problem:
        return "a tab cannot indent; use blanks"
    return f"YAML: {', '.join(filter(None, (error.context, problem)))}"
