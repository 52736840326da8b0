"""Mail leaves by two doors: approved letters, and alerts to the addresses of the environment (QUALITY.md test 12)."""

import ast
from pathlib import Path

from tests.house.test_rules import files_matching

ROOT = Path(__file__).parents[2]
ALERT_MAIL = ROOT / "workflows_app/delivery/alert_mail.py"


def test_only_three_modules_know_mail_that_leaves_and_one_a_mailbox() -> None:
    assert files_matching(r"^\s*(from|import) (django\.core\.mail|smtplib|imaplib|imap_tools)\b") == {
        "workflows_app/delivery/email.py",
        "workflows_app/delivery/transport.py",
        "workflows_app/delivery/alert_mail.py",
        "workflows_app/inbox/imap.py",
    }


def test_the_mailbox_is_opened_for_reading_only() -> None:
    text = (ROOT / "workflows_app/inbox/imap.py").read_text("utf-8")
    tree = ast.parse(text)
    called = {node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "attr")}

    assert "BODY.PEEK[]" in text
    assert "readonly=True" in text
    assert not called & {"append", "copy", "delete", "expunge", "flag", "move", "store"}


def test_only_the_outbox_and_the_mail_of_alerts_hand_over() -> None:
    assert files_matching(r"\bhand_over\(") == {
        "workflows_app/delivery/email.py",
        "workflows_app/delivery/transport.py",
        "workflows_app/delivery/alert_mail.py",
    }


def test_the_recipients_of_alerts_come_from_the_environment_alone() -> None:
    tree = ast.parse(ALERT_MAIL.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    [message] = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "EmailMessage"]
    given = {word.arg: ast.unparse(word.value) for word in message.keywords}

    assert message.args == []
    assert given.keys() == {"subject", "body", "from_email", "to", "headers"}
    assert given["to"] == "list(settings.ALERT_EMAIL)"
    assert given["headers"] == "{'Auto-Submitted': 'auto-generated'}"


def test_the_mail_of_alerts_reads_alerts_and_no_letter() -> None:
    imported = {
        name.name
        for node in ast.walk(ast.parse(ALERT_MAIL.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("workflows_app", "approvals"))
        for name in node.names
    }

    assert imported == {
        "MaybeSentError", "NotSentError", "hand_over", "Alert", "Heartbeat", "AlertQuerySet", "ALERT_MAIL",
        "ahead",
    }  # fmt: skip


def test_nothing_but_the_settings_names_the_recipients() -> None:
    assert files_matching(r"\bALERT_EMAIL\b") == {"config/settings.py", "workflows_app/delivery/alert_mail.py"}
