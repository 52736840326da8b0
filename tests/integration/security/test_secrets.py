"""QUALITY.md test 29: every secret is a canary, everything fails, and then nobody finds one anywhere.

The far ends are worse than real ones: they say again whatever they were told, headers and passwords included.
"""

import base64
import logging
import re
import zlib
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote as quoted

import pytest
from django.contrib.admin import site
from django.contrib.admin.utils import quote as quote_key
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.views.debug import ExceptionReporter
from django_q.models import OrmQ
from pytest_django import Settings

from approvals.clock import database_now
from approvals.models import ProposedAction
from approvals.principals import Principal
from tests.company import YEAR, customer, item
from tests.integration.netsuite.pushes import approved_push
from tests.integration.security.canaries import CANARIES, Echo, Watch, echo, mail_server, refusing
from tests.integration.security.canaries import mailbox as mailbox_server
from tests.unit.netsuite.accounts import pem
from tests.world import World, release_text
from workflows_app.credentials import tokens
from workflows_app.credentials.sealed import seal
from workflows_app.delivery import alert_mail, outside
from workflows_app.delivery.email import deliver_emails
from workflows_app.inbox import imap, mailbox
from workflows_app.mcp.tools.proposals import list_proposals, show_proposal
from workflows_app.mcp.tools.runs import list_runs, show_run
from workflows_app.models import (
    Alert,
    DraftedText,
    MailboxPosition,
    OutboundEmail,
    PendingPush,
    WebhookSource,
    WorkflowRun,
    WorkflowStep,
)
from workflows_app.netsuite.push import drain_pushes
from workflows_app.netsuite.sync import kinds
from workflows_app.triggers import deadman
from workflows_app.triggers import sync as netsuite_sync

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[3]
LOUD = ("django", "httpx", "httpcore", "urllib3", "oauthlib", "requests_oauthlib", "axes", "django-q", "asyncio", "")
PARTNER = """\
workflow_type: tell_partner
contract_version: 1
title: Tell the partner
risk_level: 3
description: Calls a far end.
trigger: {{kind: manual}}
fan_out:
  - name: tell
    kind: http_call
    method: POST
    url: "http://partner.example.com:{port}/orders"
    headers: {{Authorization: {{secret: PARTNER}}}}
    produces: ["answers/partner.txt"]
  - name: letter
    kind: hitl_email_draft
    drafted: true
    tool: propose_email_to_customer
    to: oak@example.org
    subject: Hello
    body: "Hello Oak,\\n\\nWe have told them.\\n\\nGood-bye\\n"
"""


@pytest.fixture
def far_end() -> Iterator[Echo]:
    """Where NetSuite, the partner, the language model and the dead-man service are."""
    with echo() as listening:
        yield listening


@pytest.fixture
def watched(
    settings: Settings, far_end: Echo, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Watch]:
    """Every setting that is a secret is a canary, everything that can speak speaks, and all far ends refuse."""
    port = int(far_end.url.rpartition(":")[2])
    with (
        refusing(b"220 far.example\r\n", mail_server) as smtp,
        refusing(b"* OK hello\r\n", mailbox_server) as imap_port,
    ):
        settings.SECRET_KEY = CANARIES["SECRET_KEY"]
        settings.SECRET_KEY_FALLBACKS = [CANARIES["SECRET_KEY_FALLBACKS"]]
        settings.MIKE_PASSWORD = CANARIES["MIKE_PASSWORD"]
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "office", CANARIES["EMAIL_URL"]
        settings.INBOUND_IMAP_URL = f"imap://office:{CANARIES['INBOUND_IMAP_URL']}@127.0.0.1:{imap_port}/INBOX"
        settings.DEADMAN_URL = f"{far_end.url}/{CANARIES['DEADMAN_URL']}"
        settings.DRAFTING = {**settings.DRAFTING, "URL": far_end.url, "MODEL": "m", "KEY": CANARIES["DRAFTING_KEY"]}
        settings.HTTP_SECRETS = {"PARTNER": f"Bearer {CANARIES['HTTP_SECRET_PARTNER']}"}
        settings.HTTP_HOSTS, settings.HTTP_NETWORKS = [f"partner.example.com:{port}"], ["127.0.0.0/8"]
        monkeypatch.setattr(deadman, "silences", lambda now: ())
        monkeypatch.setattr(outside, "system_addresses", lambda host, port: ["127.0.0.1"])
        names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
        login = {name: CANARIES[f"NETSUITE_{name}"] for name in names}
        settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456", "URL": far_end.url, "TIME_ZONE": "UTC", **login}
        for name in LOUD:
            caplog.set_level(logging.DEBUG, logger=name)
        caplog.set_level(logging.INFO, logger="django.template")  # says each variable that is not there, at length
        yield Watch()


def by_certificate(settings: Settings, tmp_path: Path) -> None:
    """The other login of NetSuite: its bearer token is the canary."""
    key = tmp_path / "key.pem"
    key.write_text(pem(), encoding="ascii")
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "TOKEN_ID", "TOKEN_SECRET")
    parts = {"CLIENT_ID": "client-1", "CERTIFICATE_ID": "cert-1", "PRIVATE_KEY_FILE": str(key)}
    settings.NETSUITE = {**settings.NETSUITE, **dict.fromkeys(names, ""), **parts}


class Reader(Client):
    """A browser that keeps what every page said."""

    pages: dict[str, bytes]

    def get(self, *args: Any, **words: Any) -> Any:
        answer = super().get(*args, **words)
        content = b"".join(answer) if answer.streaming else answer.content
        vars(self).setdefault("pages", {})[str(args[0])] = content + str(answer.headers).encode()
        return answer


def look_around(reader: Reader) -> None:
    """The front page, and of each table that has rows its list and the newest one; of what has failed, more."""
    reader.get("/")
    for model in site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        every = model in (ProposedAction, WorkflowRun, OutboundEmail, PendingPush, Alert, MailboxPosition)
        rows = list(model._default_manager.order_by("-pk").values_list("pk", flat=True)[: 6 if every else 1])
        for page in [reverse(f"{name}_change", args=[quote_key(pk)]) for pk in rows]:
            reader.get(page)
        if rows:
            reader.get(reverse(f"{name}_changelist"))


def rows() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table, by its place, and what the queue's tasks hold inside."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                yield from ((f"{table}.{name}", str(value)) for name, value in zip(columns, row, strict=True))
    for doorbell in OrmQ.objects.all():
        yield "django_q_ormq (inside)", str(doorbell.task)


def said(*command: str) -> str:
    """What a command prints, refused or not."""
    output = StringIO()
    try:
        call_command(*command, stdout=output, stderr=output)
    except (CommandError, SystemExit) as error:
        output.write(f"{error!r} {error.__cause__!r}")
    return output.getvalue()


def fail_everywhere(world: World, far_end: Echo, settings: Settings, tmp_path: Path) -> None:
    """Letters, records, calls, drafts, mail, mirror and alarms, each at a far end that refuses."""
    port = int(far_end.url.rpartition(":")[2])
    release_text(PARTNER.format(port=port))
    run = world.through_the_gate("tell_partner")
    world.approve(world.leaf(run, "letter"))
    approved_push(world.mike, "by-token")
    for status in (401, 403, 500):
        far_end.status = status
        PendingPush.objects.update(next_attempt_at=None, status="pending")
        drain_pushes()
        netsuite_sync.work_on(kinds.HOT)
    by_certificate(settings, tmp_path)
    far_end.status = 401
    PendingPush.objects.update(next_attempt_at=None, status="pending")
    drain_pushes()
    deliver_emails()
    mailbox.poll()
    deadman.ping(database_now())
    settings.ALERT_EMAIL = ["office@example.com"]
    alert_mail.send_alerts(database_now())


def quote(world: World) -> None:
    """A quote with its PDF, made while all secrets are in the settings."""
    oak = customer("Oak School")
    item("MILK", "20.00")
    draft = world.start("quote_draft", {"customer_id": oak.pk, "item_codes": ["MILK"], "school_year": YEAR})
    world.approve(world.leaf(draft, "stage_draft"))
    world.approve(world.gate(WorkflowRun.objects.get(workflow_type="customer_quote")))


def come_and_go(mike: User, watch: Watch) -> tuple[Reader, str]:
    """Logins, right and wrong, tokens, right and wrong; the browser that got in, and everything that was answered."""
    stranger, reader = Client(), Reader(raise_request_exception=False)
    answers = [
        stranger.post("/login/", {"login": mike.username, "password": CANARIES["new password"]}),
        reader.post("/login/", {"login": mike.username, "password": CANARIES["password"]}),
    ]
    watch.more["session id"] = reader.cookies["sessionid"].value
    made = tokens.make("shop", ["runs:read"], by=Principal.person(mike), now=database_now() - timedelta(hours=1))
    watch.more["api token"] = made.text.split("_", 2)[2]
    for text in (made.text, f"cst_{'0' * 12}_{CANARIES['strange token']}", CANARIES["strange token"]):
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {text}"}
        answers += [stranger.get("/api/runs/none", **bearer), stranger.post("/api/events", "x", "text/plain", **bearer)]
    source = {"name": "shop", "event_types": "a.b", "created_by": "person:mike", "created_at": database_now()}
    WebhookSource.objects.create(secret=seal(CANARIES["webhook"]), **source)
    signed = {"HTTP_WEBHOOK_ID": "m-1", "HTTP_WEBHOOK_TIMESTAMP": "1", "HTTP_WEBHOOK_SIGNATURE": "v1,eA=="}
    answers.append(stranger.post("/api/events?source=shop", "{}", "application/json", **signed))
    return reader, "".join(str(answer.content) + str(answer.headers) for answer in answers[2:])


def breaks(request: HttpRequest, *args: Any, **words: Any) -> None:
    """A page that breaks with secrets at hand."""
    key, session = CANARIES["SECRET_KEY"], request.COOKIES
    raise RuntimeError(f"broken with {len(key)} and {len(session)}")


def printed() -> str:
    """What commands print of all this."""
    runs = [("show_run", pk, "--json") for pk in WorkflowRun.objects.values_list("pk", flat=True)]
    return "".join(said(*command) for command in (*runs, *(line.split() for line in PRINTING)))


PRINTING = (
    "proposals --json", "netsuite_check", "health", "poll_mailbox", "check --deploy", "sync_netsuite",
    "verify_decisions", "search_memory partner",
)  # fmt: skip


def chat() -> str:
    """What a chat program reads of all this."""
    told: list[Any] = [list_runs(), list_proposals(status="any")]
    told += [show_run(pk) for pk in WorkflowRun.objects.values_list("pk", flat=True)]
    told += [show_proposal(pk) for pk in ProposedAction.objects.values_list("pk", flat=True)]
    return "".join(f"{one!r} {one.text()}" for one in told)


def own(place: str) -> str:
    """The one place where a secret belongs: the table of sessions has their ids."""
    return "session id" if place == "django_session.session_key" else ""


def failures() -> dict[str, str]:
    """What each failure left behind, so that none of them is only thought to have happened."""
    return {
        "record": PendingPush.objects.get(pk="cs-psh-by-token").last_error,
        "call": WorkflowStep.objects.get(step="tell").error,
        "draft": DraftedText.objects.get().refusal,
        "letter": OutboundEmail.objects.get(to="oak@example.org").error,
        "mailbox": MailboxPosition.objects.get().last_error,
    }


def test_no_secret_is_found_anywhere_after_everything_has_failed(
    world: World,
    watched: Watch,
    far_end: Echo,
    settings: Settings,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world.mike.set_password(CANARIES["password"])
    world.mike.is_staff = world.mike.is_superuser = True
    world.mike.save()
    fail_everywhere(world, far_end, settings, tmp_path)
    quote(world)
    reader, answers = come_and_go(world.mike, watched)
    look_around(reader)
    monkeypatch.setattr("workflows_app.admin.front.desk.front_page", breaks)
    broken = reader.get("/?broken")

    files = {path.name: path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()}
    told: dict[str, bytes | str] = {
        **{f"page {url}": content for url, content in reader.pages.items()},
        **{f"file {name}": content for name, content in files.items()},
        "answers": answers,
        "commands": printed(),
        "chat": chat(),
    }
    told["printed"] = "".join(capfd.readouterr())
    told["log"] = caplog.text + "".join(f"{vars(record)}" for record in caplog.records)
    found = {place: names for place, text in told.items() if (names := watched.seen(text))}
    found |= {place: names for place, text in rows() if (names := watched.seen(text, but=own(place)))}

    assert found == {}
    assert [what for what, words in failures().items() if not words] == []
    assert broken.status_code == 500
    assert any(content.startswith(b"%PDF") for content in files.values())
    assert len(reader.pages) > 50
    heard = {name for text in far_end.heard for name in watched.seen(text)}
    assert {"DRAFTING_KEY", "HTTP_SECRET_PARTNER", "NETSUITE_TOKEN_ID", "bearer", "DEADMAN_URL"} <= heard


def test_a_secret_that_is_there_is_found(db: None) -> None:
    """The control: in every form, in a row, in a PDF."""
    watch, secret = Watch(), CANARIES["DRAFTING_KEY"]
    now = database_now()
    Alert.objects.create(key="x", kind="verify", message=f"It is {secret}.", created_at=now, last_seen_at=now)
    pdf = b"%PDF-1.7\nstream\n" + zlib.compress(secret.encode()) + b"\nendstream"
    forms = [secret, quoted(secret), base64.b64encode(f"\0office\0{secret}".encode()), pdf]

    assert [watch.seen(form) for form in forms] == [{"DRAFTING_KEY"}] * 4
    assert {place: watch.seen(text) for place, text in rows() if watch.seen(text)} == {
        "alerts.message": {"DRAFTING_KEY"}
    }


# Addresses and names that are no secrets.
OPEN = {"SITE_URL", "CONSOLE_URL", "NETSUITE_URL", "DRAFTING_URL", "NETSUITE_PRIVATE_KEY_FILE"}


def test_every_secret_setting_has_a_canary() -> None:
    text = (ROOT / "config/settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r'env\.[a-z_]+\(\s*"([A-Z_]+)"', text))
    secret = {name for name in names if re.search("KEY|SECRET|PASS|TOKEN|URL$", name)}

    assert secret - OPEN <= CANARIES.keys()


def test_a_page_for_developers_shows_no_setting_that_is_a_secret(watched: Watch, settings: Settings) -> None:
    """With DEBUG, which nobody shall set where others can look."""
    settings.DEBUG = True
    request = RequestFactory().get("/", EMAIL_URL=CANARIES["EMAIL_URL"], DATABASE_URL=CANARIES["DATABASE_URL"])

    page = ExceptionReporter(request, RuntimeError, RuntimeError("broken"), None).get_traceback_html()

    assert watched.seen(page) == set()


def test_the_address_of_a_mailbox_that_is_mistyped_is_told_without_its_secret(
    watched: Watch, settings: Settings
) -> None:
    settings.INBOUND_IMAP_URL = f"imap//office:{CANARIES['INBOUND_IMAP_URL']}@127.0.0.1:9"

    with pytest.raises(imap.MailboxError) as error:
        imap.address(settings.INBOUND_IMAP_URL)

    assert watched.seen(f"{error.value!r} {error.value.__cause__!r}") == set()
