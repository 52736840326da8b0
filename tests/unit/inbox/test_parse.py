"""A message becomes a harmless value, whatever its bytes are."""

import time

import pytest

from tests.letters_in import DISPUTE, hostile, letter, nested
from workflows_app.inbox.bounces import given_back
from workflows_app.inbox.clean import MOST_TEXT
from workflows_app.inbox.parse import MOST_BYTES, Message, UnreadableMailError, derived_id, parse
from workflows_app.inbox.quotes import own_words
from workflows_app.inbox.triage import classify

SECONDS = 2.0  # QUALITY.md, test 27
pytestmark = pytest.mark.once


def harmless(message: Message) -> bool:
    """Whether nothing in it can become a header, a folder, another text, or too long for its column."""
    short = [message.message_id, *message.references, message.sender, message.subject, *message.attachments]
    return (
        all(not set(text) & set("\r\n\0") for text in short)
        and "\0" not in message.text
        and len(message.text) <= MOST_TEXT
        and len(message.message_id) <= 255
        and len(message.sender) <= 254
        and len(message.subject) <= 500
        and not any("/" in name or "\\" in name or name.startswith(".") for name in message.attachments)
        and "".join([*short, message.text]).encode("utf-8") is not None
    )


def read(raw: bytes) -> tuple[Message, float]:
    """Everything that happens to a message before the database, and how long it took."""
    began = time.process_time()
    message = parse(raw)
    written = own_words(message.text)
    classify(message.subject, written, automated=message.automated)
    given_back(raw)
    return message, time.process_time() - began


def test_an_honest_message_is_read_as_it_is() -> None:
    message = parse(letter(headers=("References: <a@x.example> <b@x.example>", "In-Reply-To: <b@x.example>")))

    assert message == Message(
        message_id="<one@oak.example>",
        references=("<a@x.example>", "<b@x.example>"),
        sender="ap@oak.example",
        subject="Invoice INV1042 is wrong",
        text=DISPUTE,
    )


def test_two_hundred_hostile_messages_are_read_in_time() -> None:
    slowest = 0.0
    for raw in hostile(200):
        message, seconds = read(raw)
        assert harmless(message), raw[:200]
        slowest = max(slowest, seconds)

    assert slowest < SECONDS


@pytest.mark.parametrize(
    "raw",
    [
        letter("\n" * 1_000_000 + "we dispute this"),
        letter(" \n" * 500_000),
        nested(2_000),
        nested(19, "multipart/alternative") + b"--\n" * 400_000,
        b"From: a@b.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2_000,
        b"Content-Type: text/plain" + b"; a=b" * 300_000 + b"\r\n\r\nhi",
        b"X: y\r\n" * 300_000,
        letter("On " * 7_000),
        letter("1" * 20_000),
        letter("a" * (MOST_BYTES + 10)),
    ],
    ids=["blank lines", "spaces", "2,000 deep", "19 deep", "rfc822", "parameters", "headers", "on", "digits", "long"],
)
def test_what_is_made_to_be_slow_is_not(raw: bytes) -> None:
    message, seconds = read(raw)

    assert harmless(message)
    assert seconds < SECONDS


PART = "Content-Type: multipart/report; report-type=delivery-status; boundary=x"
COUNTLESS = {
    "parts": "--x\n\na\n" * 120_000,
    "fields of a report": "--x\nContent-Type: message/delivery-status\n\n" + "Action: failed\n\n" * 80_000,
}


@pytest.mark.parametrize("name", COUNTLESS)
def test_parts_without_number_and_without_a_header_are_not_read(name: str) -> None:
    raw = f"From: a@b.example\nSubject: many\n{PART}\n\n{COUNTLESS[name]}--x--\n".encode()

    message, seconds = read(raw)

    assert (message.subject, message.text, given_back(raw)) == ("many", "", None)
    assert "too many parts" in message.trouble
    assert seconds < SECONDS


def test_text_after_a_million_blank_lines_is_still_read() -> None:
    assert parse(letter("\n" * 1_000_000 + "we dispute this")).text == "we dispute this"


def test_what_lies_two_thousand_deep_is_not_read_and_says_so() -> None:
    message = parse(nested(2_000))

    assert (message.subject, message.text) == ("deep", "")
    assert "too many parts" in message.trouble


def test_only_the_beginning_of_a_long_message_is_read_and_it_says_so() -> None:
    assert "only its beginning" in parse(letter("a" * (MOST_BYTES + 10))).trouble


@pytest.mark.parametrize("raw", [b"", b" \r\n\r\n"])
def test_nothing_is_no_message(raw: bytes) -> None:
    with pytest.raises(UnreadableMailError, match="empty"):
        parse(raw)


def test_an_encoded_subject_cannot_begin_another_header() -> None:
    message = parse(letter(subject="=?utf-8?q?Hello=0D=0ABcc:_thief@example.org?="))

    assert message.subject == "Hello Bcc: thief@example.org"


@pytest.mark.parametrize("charset", ["nonsense", "idna", "punycode", "zlib", "rot13", "'\0'"])
def test_an_unknown_charset_is_read_all_the_same(charset: str) -> None:
    raw = letter("we dispute this").replace(b"charset=utf-8", f"charset={charset}".encode())

    assert parse(raw).text == "we dispute this"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/x.pdf", "x.pdf"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("..", "unnamed"),
        ("a\r\n b.pdf", "a b.pdf"),
        ("=?utf-8?b?Li4vLi4vZXRjL3Bhc3N3ZA==?=", "passwd"),
    ],
)
def test_the_name_of_a_file_has_no_folder(given: str, kept: str) -> None:
    raw = (
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: application/pdf\r\n'
        f'Content-Disposition: attachment; filename="{given}"\r\n\r\nx\r\n--b--\r\n'
    )

    assert parse(raw.encode()).attachments == (kept,)


def test_a_message_without_an_id_gets_one_of_its_bytes() -> None:
    first, again, other = (parse(letter(text, message_id="")).message_id for text in ("a", "a", "b"))

    assert first == again != other
    assert first.endswith("@message-without-id.invalid>")


@pytest.mark.parametrize("given", ["no brackets", "<two> <ids>", f"<{'a' * 300}@x>", "<a b@x>", "<ä@x>"])
def test_an_id_that_cannot_be_kept_is_replaced(given: str) -> None:
    assert parse(letter(message_id=given)).message_id.endswith("@message-without-id.invalid>")


def test_html_alone_becomes_text() -> None:
    raw = letter(
        "<html><head><title>T</title><style>p {}</style></head><body><p>We <b>dispute</b> it</p><!-- hidden -->"
        "<script>alert(1)</script>5 &lt; 7<br>Jo</body></html>"
    ).replace(b"text/plain", b"text/html")

    assert parse(raw).text == "We dispute it\n5 < 7\nJo"


def test_plain_text_is_preferred_to_html() -> None:
    raw = (
        'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n'
        "--b\r\nContent-Type: text/html\r\n\r\n<p>markup</p>\r\n--b--\r\n"
    )

    assert parse(raw.encode()).text == "plain"


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("AP@Oak.Example", "ap@oak.example"),
        ("Jo <ap@oak.example>", "ap@oak.example"),
        ('"ap@oak.example" <thief@example.org>', "thief@example.org"),
        ("=?utf-8?q?ap=40oak.example?= <thief@example.org>", "thief@example.org"),
        ("<ap@oak.example> <thief@example.org>", ""),
        ("ap@oak.example, thief@example.org", ""),
        ("nobody", ""),
    ],
)
def test_the_sender_is_one_address_or_nobody(given: str, address: str) -> None:
    assert parse(letter(sender=given)).sender == address


def test_two_from_headers_are_nobody() -> None:
    assert parse(letter(headers=("From: thief@example.org",))).sender == ""


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "X-Autoreply: yes",
        "Return-Path: <>",
    ],
)
def test_what_a_machine_wrote_is_recognised(header: str) -> None:
    assert parse(letter(headers=(header,))).automated
    assert not parse(letter(headers=("Auto-Submitted: no",))).automated


@pytest.mark.parametrize("header", ["List-Id: <news.example.org>", "Precedence: list"])
def test_what_came_through_a_mailing_list_is_no_machines(header: str) -> None:
    message = parse(letter(headers=(header,)))

    assert (bool(message.mailing_list), message.automated) == (True, "")


def test_an_id_that_is_derived_from_bytes_is_nobodys_to_give() -> None:
    own = derived_id(letter())

    assert parse(letter(message_id=own)).message_id != own


def test_many_references_keep_the_first_and_the_newest() -> None:
    many = " ".join(f"<{number}@x.example>" for number in range(100))

    kept = parse(letter(headers=(f"References: {many}",))).references

    assert (len(kept), kept[0], kept[-1]) == (20, "<0@x.example>", "<99@x.example>")
