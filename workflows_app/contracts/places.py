"""Where a value of a contract stands in its file, down to a character inside a block of SQL."""

import re
from dataclasses import dataclass
from functools import cached_property

from workflows_app.contracts.problems import Finding, Path, Problem, shown
from workflows_app.contracts.yaml_strict import Node, Span

_LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")  # those that YAML counts


@dataclass(frozen=True, kw_only=True)
class Places:
    """The places of one file: its name, its text and its nodes."""

    source: str
    text: str
    root: Node

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the file as YAML counts them."""
        return _LINE_BREAK.split(self.text)

    def problem(self, finding: Finding) -> Problem:
        """A finding with its place. What is not in the file stands where the nearest thing around it begins."""
        node, rest = self._nearest(finding.path)
        if finding.at_key and node.key_span:
            line, column = node.key_span.line, node.key_span.column
        else:
            line, column = self._character(node, 0 if rest else finding.offset)
        return self.problem_at(Span(line=line, column=column), (*node.path, *rest), finding.message)

    def problem_at(self, span: Span, path: Path, message: str) -> Problem:
        """A problem at a known place (which counts from 0)."""
        return Problem(
            source=self.source, line=span.line + 1, column=span.column + 1, path=shown(path), message=message
        )

    def _nearest(self, path: Path) -> tuple[Node, Path]:
        """The deepest node along a path, and what of the path is not there."""
        node = self.root
        for index, part in enumerate(path):
            child = node.child(part)
            if child is None:
                return node, path[index:]
            node = child
        return node, ()

    def _character(self, node: Node, offset: int) -> tuple[int, int]:
        """Line and column of a character of a scalar; of its beginning when the file writes it in another way."""
        span = node.span
        if not isinstance(node.content, str) or not offset:
            return span.line, span.column
        if span.style == "|":
            return self._in_block(node.content, span, offset)
        column = span.column + (1 if span.style in ("'", '"') else 0)
        as_written = self.lines[span.line][column : column + len(node.content)] == node.content
        return (span.line, column + offset) if as_written else (span.line, span.column)

    def _in_block(self, content: str, span: Span, offset: int) -> tuple[int, int]:
        before = content[:offset]
        row = before.count("\n")
        text = content.split("\n")[row]
        line = span.line + 1 + row
        indent = self.lines[line].find(text) if line < len(self.lines) else -1
        return (line, indent + len(before) - before.rfind("\n") - 1) if indent >= 0 else (span.line, span.column)
