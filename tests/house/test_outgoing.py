"""Whoever can open a connection is named here; steps and webhooks call far ends through one function."""

import ast
from pathlib import Path

from tests.house.test_rules import files_matching

ROOT = Path(__file__).parents[2]
# Each speaks to what the environment names, except `outside.py`, which judges every address (docs/security.md).
CLIENTS = {
    "workflows_app/delivery/answers.py",  # reads answers, asks nobody
    "workflows_app/delivery/http.py",
    "workflows_app/delivery/object_store.py",
    "workflows_app/delivery/outside.py",
    "workflows_app/delivery/wire.py",
    "workflows_app/drafting/client.py",
    "workflows_app/netsuite/authentication.py",
    "workflows_app/netsuite/client.py",
    "workflows_app/triggers/deadman.py",
}
_LIBRARIES = r"httpx2?|httpcore2?|requests|urllib3|urllib\.request|http\.client|aiohttp|boto3|botocore|openai"


def test_only_named_modules_speak_http() -> None:
    assert files_matching(rf"^\s*(from|import) ({_LIBRARIES})(\.\w+)*( |$)") == CLIENTS


def test_steps_call_far_ends_by_the_list_and_webhooks_by_the_rules_for_anyone() -> None:
    assert files_matching(r"\boutside\.send\(|\bsend\(.*\b(anyone|listed)\b") <= {
        "workflows_app/delivery/http.py",
        "workflows_app/delivery/webhooks.py",
    }
    assert "outside.send(asked, outside.listed)" in (ROOT / "workflows_app/delivery/http.py").read_text("utf-8")


def test_no_other_rule_is_given_for_whom_to_call() -> None:
    tree = ast.parse((ROOT / "workflows_app/delivery/outside.py").read_text("utf-8"))
    rules = [
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "Reach"
    ]

    assert rules == ["listed", "anyone"]
