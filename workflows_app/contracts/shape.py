"""From nodes to a contract model: pydantic's errors in plain words, and the rest of a contract that has some."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows_app.contracts.catalog import Catalog
from workflows_app.contracts.problems import Finding, Path
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.yaml_strict import Node

_WORDS: Mapping[str, str] = {
    "missing": "is missing",
    "string_type": "should be text; write it in quotes",
    "string_too_short": "should not be empty",
    "string_sub_type": "should be text; write it in quotes",
    "int_type": "should be a whole number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
    "model_type": "should be a mapping",
    "model_attributes_type": "should be a mapping",
    "too_short": "should not be empty",
}
_NAME_PATTERN = "'^[a-z][a-z0-9_]"
_NAMING_KEYS = ("name", "as", "id")
# What a contract without a sound value there is checked with, so that its other parts are checked all the same.
_STAND_INS: Mapping[str, str | int | list[Node]] = {
    "workflow_type": "unknown",
    "contract_version": 1,
    "title": "",
    "description": "",
    "risk_level": 3,
    "fan_out": [],
}


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """A contract model, and what was wrong on the way to it.

    With findings, `contract` is what remains without the faulty parts (None when nothing useful does), `root` its nodes
    and `lost` the names that those parts would have declared.
    """

    contract: Contract | None
    root: Node
    findings: tuple[Finding, ...] = ()
    lost: frozenset[str] = frozenset()


def shape(root: Node, catalog: Catalog) -> Shaped:
    """Validate nodes as a contract."""
    try:
        return Shaped(contract=_validate(root, catalog), root=root)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
    findings = tuple(_finding(root, line) for line in details)
    if not isinstance(root.content, dict):
        return Shaped(contract=None, root=root, findings=findings)
    rest, lost = _without(root, findings)
    try:
        contract = _validate(rest, catalog, salvaging=True)
    except ValidationError:
        contract = None
    return Shaped(contract=contract, root=rest, findings=findings, lost=lost)


def _validate(root: Node, catalog: Catalog, *, salvaging: bool = False) -> Contract:
    context = {"catalog": catalog, "salvaging": salvaging}
    return Contract.model_validate(root.data(), context=context, by_alias=True, by_name=False)


def _finding(root: Node, line: ErrorDetails) -> Finding:
    return Finding(path=_path(root, line["loc"]), message=_message(line), at_key=line["type"] == "extra_forbidden")


def _path(root: Node, location: tuple[int | str, ...]) -> Path:
    """The path in the file: pydantic's location without the tags of unions."""
    path: list[int | str] = []
    node: Node | None = root
    for part in location:
        child = node.child(part) if node else None
        if child is not None:
            path, node = [*path, part], child
        elif not str(part).startswith("<"):
            return (*path, part)
    return tuple(path)


def _message(line: ErrorDetails) -> str:
    message = _WORDS.get(line["type"]) or line["msg"].removeprefix("Input ").removeprefix("String ")
    if line["type"] == "string_pattern_mismatch" and _NAME_PATTERN in message:
        return "should be a name: small letters, digits and _, a letter first"
    return message


def _without(root: Node, findings: tuple[Finding, ...]) -> tuple[Node, frozenset[str]]:
    """The nodes without their faulty parts, and the names that those parts declare."""
    gone = {finding.path if finding.at_key else _part(finding.path) for finding in findings}
    rest: dict[str, Node] = {
        key: _pruned(node, (key,), gone) for key, node in root.content.items() if (key,) not in gone
    }
    for key, value in _STAND_INS.items():
        rest.setdefault(key, Node(path=(key,), span=root.span, content=value))
    kind = Node(path=("trigger", "kind"), span=root.span, content="manual")
    rest.setdefault("trigger", Node(path=("trigger",), span=root.span, content={"kind": kind}))
    lost = frozenset(name for path in gone for name in _names(_at(root, path)))
    return replace(root, content=rest), lost


def _part(path: Path) -> Path:
    """The input, entry, check or step that a path is in; else the whole section."""
    return path[:2] if len(path) > 1 and isinstance(path[1], int) else path[:1]


def _pruned(node: Node, path: Path, gone: set[Path]) -> Node:
    if isinstance(node.content, dict):
        children = {key: (child, (*path, key)) for key, child in node.content.items()}
        kept = {key: _pruned(child, place, gone) for key, (child, place) in children.items() if place not in gone}
        return replace(node, content=kept)
    if isinstance(node.content, list):
        places = [(child, (*path, index)) for index, child in enumerate(node.content)]
        return replace(node, content=[_pruned(child, place, gone) for child, place in places if place not in gone])
    return node


def _at(root: Node, path: Path) -> Node | None:
    node: Node | None = root
    for part in path:
        node = node.child(part) if node else None
    return node


def _names(node: Node | None) -> Iterator[str]:
    """Every name that a part declares, at any depth."""
    if node is None or not isinstance(node.content, dict | list):
        return
    children = node.content.values() if isinstance(node.content, dict) else node.content
    for child in children:
        yield from _names(child)
    for key in _NAMING_KEYS:
        named = node.child(key)
        if named is not None and isinstance(named.content, str):
            yield named.content
