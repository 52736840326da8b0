"""A workflow whose next version is tried against the runs of the first one."""

from dataclasses import dataclass
from pathlib import Path

from tests.world import LONG_AGO
from workflows_app.contracts.load import ContractFile, load_file
from workflows_app.runner.backtest.comparing import Compared
from workflows_app.runner.backtest.runs import Asked, Tried, backtest
from workflows_app.runner.catalog import catalog

FIRST = """
workflow_type: reprice
contract_version: 1
title: New price of an item
category: Purchasing
risk_level: 3
description: Sets a price and asks somebody to tell the customers.
trigger: {kind: manual}
inputs:
  - {name: item_code, type: string, required: true}
  - {name: price, type: decimal, required: true}
context:
  - name: item
    tables: [spec_items]
    sql: SELECT item_code, description, list_price FROM spec_items WHERE item_code = ?
    params: [inputs.item_code]
    shape: one
preconditions:
  - {check: item_exists, rule: item.item_code IS NOT NULL, severity: block}
  - {check: not_too_dear, rule: inputs.price < 50, severity: warn}
gate: {summary: "Price of ${{ item.description }}", amount: "${{ inputs.price }}"}
fan_out:
  - name: note
    kind: d1_write
    operations:
      - insert: vendors
        values: {id: "${{ inputs.item_code }}", name: "${{ item.description }}"}
  - name: tell
    kind: stage_proposed_action
    action_type: tell_customers
    entity_type: item
    entity_ref: "${{ inputs.item_code }}"
    title: "Tell about ${{ item.description }}"
    amount: "${{ inputs.price }}"
    on_approve:
      - email: {to: sales@example.org, subject: "New price", body: "It costs ${{ money(inputs.price) }}."}
"""


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Where contract files lie that are not released."""

    folder: Path

    def file(self, *changes: tuple[str, str], version: int = 2) -> ContractFile:
        """The first version with these changes, as a file of a later one."""
        path = self.path(*changes, version=version)
        return load_file(path, catalog(), shown_as=path.name)

    def path(self, *changes: tuple[str, str], version: int = 2) -> Path:
        """The same, not loaded."""
        text = FIRST.replace("contract_version: 1", f"contract_version: {version}")
        for old, new in changes:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        path = self.folder / f"reprice.v{version}.yaml"
        path.write_text(text, encoding="utf-8")
        return path


def tried(file: ContractFile, limit: int | None = None) -> list[Tried]:
    """Every run, planned by both versions."""
    return list(backtest(Asked(file=file, since=LONG_AGO, limit=limit)))


def only(file: ContractFile) -> Compared:
    """The one run that there is."""
    (found,) = tried(file)
    assert found.compared is not None
    return found.compared
