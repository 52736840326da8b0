"""Alerts by email: soon, gathered, to the addresses of the environment and to nobody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from tests.smtp import RecordingServer
from workflows_app.delivery.alert_mail import send_alerts
from workflows_app.models import Alert, Heartbeat, Hold, OutboundEmail
from workflows_app.models.heartbeat import HeartbeatQuerySet

pytestmark = pytest.mark.django_db
NINE = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MIKE = "mike@example.com"


@pytest.fixture(autouse=True)
def told(settings: Settings) -> None:
    settings.ALERT_EMAIL = [MIKE]


def alert(key: str = "a", message: str = "It failed.", now: datetime = NINE) -> None:
    Alert.objects.raise_alert(key, kind="step_failed", message=message, now=now)


def text(server: RecordingServer, number: int = -1) -> str:
    return server.letters[number].get_content()


def test_the_first_alert_leaves_at_the_next_pass(server: RecordingServer) -> None:
    alert(message="The letter to Ada is uncertain.")

    assert send_alerts(NINE + MINUTE) == 1

    [letter] = server.letters
    assert (letter["To"], letter["Subject"]) == (MIKE, "Countersign: an alert: The letter to Ada is uncertain.")
    assert "2026-09-14 09:00 UTC · step failed\nThe letter to Ada is uncertain." in text(server)
    assert Alert.objects.get().mailed_at == NINE + MINUTE


def test_nothing_leaves_when_nothing_is_open(server: RecordingServer) -> None:
    alert()
    Alert.objects.all().resolve(NINE, by="person:mike")

    assert send_alerts(NINE) == 0
    assert server.letters == []


def test_without_an_address_nothing_leaves(server: RecordingServer, settings: Settings) -> None:
    settings.ALERT_EMAIL = []
    alert()

    assert send_alerts(NINE) == 0
    assert server.letters == []


def test_what_comes_within_a_quarter_of_an_hour_is_one_mail(server: RecordingServer) -> None:
    alert("first")
    send_alerts(NINE)
    for minute in range(1, 16):
        alert(f"later {minute}", f"Trouble {minute}.", NINE + minute * MINUTE)
        send_alerts(NINE + minute * MINUTE)
    assert len(server.letters) == 1

    assert send_alerts(NINE + 16 * MINUTE) == 15

    assert server.letters[1]["Subject"] == "Countersign: 15 alerts: Trouble 1."
    assert "15 alerts are open, the oldest since 2026-09-14 09:01 UTC." in text(server)
    assert text(server).count("Trouble") == 15


def test_of_a_flood_the_oldest_twenty_are_told_and_all_are_counted(server: RecordingServer) -> None:
    for number in range(1200):
        alert(f"{number}", f"Trouble {number:04}.", NINE + timedelta(seconds=number))

    assert send_alerts(NINE + 30 * MINUTE) == 1200
    assert send_alerts(NINE + 60 * MINUTE) == 0

    assert text(server).count("Trouble") == 20
    assert "Trouble 0019." in text(server)
    assert "… and 1180 more." in text(server)


def test_an_alert_that_repeats_is_mailed_again_after_a_day_only(server: RecordingServer) -> None:
    alert()
    send_alerts(NINE)
    for hour in range(1, 24):
        alert(now=NINE + hour * 60 * MINUTE)
        assert send_alerts(NINE + hour * 60 * MINUTE) == 0

    assert send_alerts(NINE + DAY) == 1
    assert ", 24 times" in text(server)


def test_an_alert_that_does_not_repeat_is_not_mailed_again(server: RecordingServer) -> None:
    alert()
    send_alerts(NINE)

    assert send_alerts(NINE + 3 * DAY) == 0


def test_an_alert_that_was_resolved_and_comes_again_is_mailed_again(server: RecordingServer) -> None:
    alert()
    send_alerts(NINE)
    Alert.objects.all().resolve(NINE + MINUTE, by="person:mike")
    alert(now=NINE + 2 * MINUTE)

    assert send_alerts(NINE + 20 * MINUTE) == 1


def test_the_mail_leads_to_the_console_where_its_address_is_known(server: RecordingServer, settings: Settings) -> None:
    alert()
    settings.SITE_URL = "https://countersign.example.com/"

    send_alerts(NINE)

    page = f"https://countersign.example.com/workflows_app/alert/{Alert.objects.get().pk}/change/"
    assert page in text(server)
    assert "All of them: https://countersign.example.com/workflows_app/alert/?resolved_at__isempty=1" in text(server)


def test_a_hold_does_not_stop_it(server: RecordingServer) -> None:
    Hold.objects.create(pk=1, on=True)
    alert()

    assert send_alerts(NINE) == 1


# --- it can go nowhere else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "message",
    [
        "x\r\nBcc: thief@example.net",
        "x\nTo: thief@example.net\n\nbody",
        "x\x0bCc: thief@example.net",
        "x\u2028Bcc: thief@example.net\x85Bcc: thief@example.net",
        "thief@example.net, other@example.net",
    ],
)
def test_no_message_adds_a_recipient_or_a_header(server: RecordingServer, message: str) -> None:
    alert(key=f"email:{message[:20]}", message=message)

    send_alerts(NINE)

    [letter] = server.letters
    assert server.recipients == [[MIKE]]
    assert letter.get_all("To") == [MIKE]
    assert (letter["Cc"], letter["Bcc"]) == (None, None)
    assert len(letter.get_all("Subject") or []) == 1


def test_it_goes_to_all_configured_addresses_and_to_no_customer(
    server: RecordingServer, settings: Settings, letter: object
) -> None:
    settings.ALERT_EMAIL = [MIKE, "eve@example.com"]
    outbound: OutboundEmail = letter("ada")  # type: ignore[operator]
    alert(f"email:{outbound.pk}", f"The letter to {outbound.to} “{outbound.subject}” is uncertain.")

    send_alerts(NINE)

    assert server.recipients == [[MIKE, "eve@example.com"]]
    assert outbound.body.splitlines()[0] not in text(server)
    assert OutboundEmail.objects.get().status == "queued"


# --- trouble ----------------------------------------------------------------------------------------------------------


def test_a_server_that_is_away_is_tried_at_the_next_pass(settings: Settings, server: RecordingServer) -> None:
    alert()
    settings.EMAIL_PORT = 9
    assert send_alerts(NINE) == 0

    settings.EMAIL_PORT = server.port
    assert send_alerts(NINE + MINUTE) == 1


@pytest.mark.parametrize("fault", ["451 try later", "550 no", "DATA 554 no", "DATA 451 later"])
def test_trouble_with_the_mail_is_one_alert_in_the_console_however_often(server: RecordingServer, fault: str) -> None:
    server.faults[MIKE] = fault
    alert()
    for minute in range(31):
        assert send_alerts(NINE + minute * MINUTE) == 0
    assert Alert.objects.count() == 2
    assert Alert.objects.get(key="alert_mail").message.startswith("Alerts cannot be mailed: ")
    assert server.letters == []

    server.faults.clear()
    assert send_alerts(NINE + 60 * MINUTE) == 1

    assert [each.key for each in Alert.objects.open()] == ["a"]
    assert "cannot be mailed" not in text(server)


@pytest.mark.parametrize(("fault", "arrived"), [("drop", 2), ("drop early", 0)])
def test_an_answer_that_is_lost_twice_counts_as_mailed(server: RecordingServer, fault: str, arrived: int) -> None:
    server.faults[MIKE] = fault
    alert()
    for minute in range(0, 24 * 60, 5):  # a day, in which it is still there
        alert(now=NINE + minute * MINUTE)
        assert send_alerts(NINE + minute * MINUTE) == 0
    assert len(server.letters) == arrived
    assert Alert.objects.get(key="alert_mail:unsure").count == 2

    server.faults.clear()
    alert("new", now=NINE + DAY)
    assert send_alerts(NINE + DAY) == 1

    assert "may not have been mailed" not in text(server)
    assert {each.key for each in Alert.objects.open()} == {"a", "new"}


def test_an_answer_that_is_lost_once_is_tried_once_more(server: RecordingServer) -> None:
    server.faults[MIKE] = "drop early"
    alert()
    send_alerts(NINE)
    server.faults.clear()

    assert send_alerts(NINE + 16 * MINUTE) == 1
    assert send_alerts(NINE + 32 * MINUTE) == 0
    assert len(server.letters) == 1


def test_what_is_resolved_in_the_moment_of_mailing_is_not_mailed(
    server: RecordingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert()
    take = HeartbeatQuerySet.take_turn

    def resolved_meanwhile(*arguments: Any, **options: Any) -> bool:
        Alert.objects.all().resolve(NINE, by="person:mike")
        return take(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(HeartbeatQuerySet, "take_turn", resolved_meanwhile)
        assert send_alerts(NINE) == 0
    alert("next", now=NINE + MINUTE)

    assert send_alerts(NINE + MINUTE) == 1
    assert len(server.letters) == 1


def test_a_mail_of_a_clock_that_was_ahead_stops_no_other(server: RecordingServer) -> None:
    alert()
    send_alerts(NINE + 300 * DAY)
    alert("next")

    assert send_alerts(NINE) == 2  # the first one, too: nobody knows when it was mailed
    assert send_alerts(NINE + 16 * MINUTE) == 0


def test_a_refusal_for_good_is_not_tried_each_minute(server: RecordingServer) -> None:
    server.faults[MIKE] = "550 no"
    alert()
    for minute in range(15):
        send_alerts(NINE + minute * MINUTE)

    assert Alert.objects.get(key="alert_mail").count == 1


def test_an_address_that_is_none_harms_no_pass(settings: Settings, server: RecordingServer) -> None:
    settings.ALERT_EMAIL = ["mike@example.com\nBcc: thief@example.net"]
    alert()

    assert send_alerts(NINE) == 0
    assert server.letters == []


@pytest.mark.django_db(transaction=True)
def test_two_passes_at_once_send_one_mail(shared_database: None, settings: Settings) -> None:
    for number in range(3):
        alert(str(number))

    def send(_: int) -> int:
        try:
            return send_alerts(NINE)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        sent = list(pool.map(send, range(4)))

    assert sorted(sent) == [0, 0, 0, 3]
    assert len(mail.outbox) == 1
    assert Heartbeat.objects.get(name="alert_mail").at == NINE
