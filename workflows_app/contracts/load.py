"""Loading a contract: strict YAML, shape, then meaning, with all problems of all three in one error."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath

from workflows_app.contracts.catalog import Catalog
from workflows_app.contracts.check import check
from workflows_app.contracts.places import Places
from workflows_app.contracts.problems import ContractErrors, Finding, Problem
from workflows_app.contracts.schema import Contract
from workflows_app.contracts.shape import shape
from workflows_app.contracts.yaml_strict import YamlError, read

_FILE_NAME = re.compile(r"([a-z][a-z0-9_]*)\.v([1-9][0-9]*)\.yaml")


@dataclass(frozen=True, kw_only=True)
class ContractFile:
    """A contract with the text it was loaded from, letter for letter, and the SHA-256 of that text (hex)."""

    contract: Contract
    text: str
    sha256: str
    places: Places


def load_file(path: FilePath, catalog: Catalog, *, shown_as: str | None = None) -> ContractFile:
    """Load `<workflow_type>.v<N>.yaml`. Raises `ContractErrors`, and `OSError` when it cannot be read."""
    source = shown_as or str(path)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start)
        column = error.start - raw.rfind(b"\n", 0, error.start) - 1
        raise ContractErrors([_whole(source, line, column, "this is not UTF-8 text")]) from None
    contract, places = _load(text, source, catalog, file_name=path.name)
    return ContractFile(contract=contract, text=text, sha256=hashlib.sha256(raw).hexdigest(), places=places)


def load_text(text: str, *, source: str, catalog: Catalog) -> Contract:
    """Load a contract from its text; `source` names it in messages. Raises `ContractErrors` with every problem."""
    return _load(text, source, catalog)[0]


def _load(text: str, source: str, catalog: Catalog, *, file_name: str | None = None) -> tuple[Contract, Places]:
    """The contract and its places. With a `file_name`, type and version must be those of the name."""
    try:
        root, complaints = read(text)
    except YamlError as error:
        raise ContractErrors([_whole(source, error.line, error.column, error.message)]) from None
    shaped = shape(root, catalog)
    places = Places(source=source, text=text, root=root)
    refused = [places.problem_at(complaint.span, complaint.path, complaint.message) for complaint in complaints]
    problems = [*refused, *_elsewhere(places, shaped.findings, refused)]
    contract = shaped.contract
    if contract is not None:
        findings = [*check(contract, catalog, lost=shaped.lost), *_name_findings(contract, file_name, shaped.findings)]
        problems += _elsewhere(Places(source=source, text=text, root=shaped.root), findings, refused)
    if problems or contract is None:
        raise ContractErrors(problems)
    return contract, places


def _elsewhere(places: Places, findings: Iterable[Finding], refused: Iterable[Problem]) -> list[Problem]:
    """The findings as problems, but for those about a value that YAML's rules refused already."""
    spots = {(problem.line, problem.column) for problem in refused}
    found = (places.problem(finding) for finding in findings)
    return [problem for problem in found if (problem.line, problem.column) not in spots]


def _name_findings(contract: Contract, file_name: str | None, earlier: Iterable[Finding]) -> Iterable[Finding]:
    """Type and version stand in the name of the file as well."""
    if file_name is None:
        return
    named = _FILE_NAME.fullmatch(file_name)
    faulty = {finding.path for finding in earlier}
    if named is None:
        yield Finding(
            path=("workflow_type",), message=f"the file {file_name} should be named <workflow_type>.v<N>.yaml"
        )
        return
    if ("workflow_type",) not in faulty and contract.workflow_type != named[1]:
        yield Finding(path=("workflow_type",), message=f"is {contract.workflow_type}, but the file is {file_name}")
    if ("contract_version",) not in faulty and contract.contract_version != int(named[2]):
        yield Finding(
            path=("contract_version",), message=f"is {contract.contract_version}, but the file is {file_name}"
        )


def _whole(source: str, line: int, column: int, message: str) -> Problem:
    return Problem(source=source, line=line + 1, column=column + 1, path="contract", message=message)
