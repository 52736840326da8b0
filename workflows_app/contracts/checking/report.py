"""Collects findings; checks single expressions and single texts with `${{ }}`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from workflows_app.contracts.catalog import Catalog
from workflows_app.contracts.expressions import (
    ExpressionError,
    Type,
    TypeScope,
    infer,
    parse,
    template_expressions,
    types,
)
from workflows_app.contracts.expressions.nodes import Name, Node, Test
from workflows_app.contracts.problems import Finding, Path
from workflows_app.contracts.schema import Contract


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where something stands: its path, the types of the names it may use, and the steps among those names."""

    path: Path
    types: TypeScope
    visible: frozenset[str] = frozenset()

    def under(self, *parts: str | int) -> "Place":
        """The place of a key or element below."""
        return Place(path=(*self.path, *parts), types=self.types, visible=self.visible)

    def bind(self, name: str, bound: Type) -> "Place":
        """The same place with a further name."""
        return Place(path=self.path, types=self.types.bind(name, bound), visible=self.visible)


@dataclass(frozen=True, kw_only=True)
class Report:
    """The findings of one contract. `lost`: names of parts that have no sound shape; nothing is said about them."""

    contract: Contract
    catalog: Catalog
    lost: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)

    def add(self, path: Path, message: str, offset: int = 0, *, at_key: bool = False) -> None:
        """Note a problem."""
        self.findings.append(Finding(path=path, message=message, offset=offset, at_key=at_key))

    def expression(self, text: str, place: Place, offset: int = 0) -> Type:
        """Check one expression that begins at `offset` of its text; its type, UNKNOWN when it does not parse."""
        try:
            found = infer(text, place.types)
            names = list(_names(parse(text)))
        except ExpressionError as error:
            self.add(place.path, error.message, offset + error.offset)
            return types.UNKNOWN
        for message, at in found.problems:
            self.add(place.path, message, offset + at)
        for name in names:
            self._visible_step(name, place, offset)
        return found.type

    def rule(self, text: str, place: Place) -> None:
        """Check an expression that must be TRUE or not."""
        found = self.expression(text, place)
        if found.family not in ("", "boolean"):
            self.add(place.path, f"is {found.kind}, and should be TRUE or FALSE")

    def template(self, text: str, place: Place) -> Type:
        """Check the `${{ }}` of a text; the type of its value."""
        try:
            expressions = template_expressions(text)
        except ExpressionError as error:
            self.add(place.path, error.message, error.offset)
            return types.UNKNOWN
        found = [self.expression(expression, place, offset) for expression, offset in expressions]
        alone = len(found) == 1 and text.startswith("${{") and text.endswith("}}")
        if not alone:
            self._in_text(found, expressions, place)
        return found[0] if alone else types.TEXT

    def _in_text(self, found: list[Type], expressions: list[tuple[str, int]], place: Place) -> None:
        for each, (expression, offset) in zip(found, expressions, strict=True):
            if each.kind in ("list", "row"):
                self.add(place.path, f"{expression} is a {each.kind}, which cannot stand in the midst of text", offset)

    def value(self, value: Any, place: Place) -> None:
        """Check every text in a value of any depth, and the placeholders in it."""
        if isinstance(value, str):
            self.template(value, place)
        elif isinstance(value, Mapping):
            if "placeholder" in value:
                self._placeholder(value, place)
            for key, item in value.items():
                self.value(item, place.under(key))
        elif isinstance(value, tuple | list):
            for index, item in enumerate(value):
                self.value(item, place.under(index))

    def _placeholder(self, value: Mapping[str, Any], place: Place) -> None:
        """Exactly three placeholders exist: now, artifact_sha256 of a step, ns_id of a row."""
        name = value["placeholder"]
        wants = {"now": {"placeholder"}, "artifact_sha256": {"placeholder", "of"}, "ns_id": {"placeholder", "of"}}
        if not isinstance(name, str) or name not in wants:
            self.add(place.under("placeholder").path, "should be now, artifact_sha256 or ns_id")
        elif set(value) != wants[name]:
            of = "nothing else" if name == "now" else "of: …, and nothing else"
            self.add(place.path, f"the placeholder {name} takes {of}")
        elif name == "artifact_sha256":
            self.producer(value["of"], place.under("of"))

    def producer(self, step: Any, place: Place) -> None:
        """The name of a step that produces a file and has run before."""
        found = next((each for each in self.contract.fan_out if each.name == step), None)
        if found is None:
            if step not in self.lost:
                self.add(place.path, f"there is no step {step}")
        elif not getattr(found, "produces", ()):
            self.add(place.path, f"the step {step} produces nothing")
        elif step not in place.visible:
            self.add(place.path, f"add {step} to needs: what it produces is used here")

    def _visible_step(self, name: Name, place: Place, offset: int) -> None:
        if name.path[0] != "steps" or len(name.path) < 2:
            return
        step = name.path[1]
        if step not in place.visible and any(each.name == step for each in self.contract.fan_out):
            self.add(place.path, f"add {step} to needs: {name.text} is used here", offset + name.offset)


def _names(node: Node | Test) -> Iterator[Name]:
    if isinstance(node, Name):
        yield node
    for child in node.children:
        yield from _names(child)
