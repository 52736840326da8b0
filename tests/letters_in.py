"""Messages as they come in: an honest one to change, and what nobody's program has written."""

import random
from collections.abc import Iterator

CRLF = "\r\n"
DISPUTE = "Hello,\n\nyou billed us for 40 cases but only 4 arrived. Please correct the invoice.\n\nJo"


def letter(
    text: str = DISPUTE,
    *,
    sender: str = "Jo Park <ap@oak.example>",
    subject: str = "Invoice INV1042 is wrong",
    message_id: str = "<one@oak.example>",
    headers: tuple[str, ...] = (),
) -> bytes:
    """A plain message."""
    head = [f"From: {sender}", "To: office@example.com", f"Subject: {subject}", *headers]
    head += [f"Message-ID: {message_id}"] if message_id else []
    head += ["Content-Type: text/plain; charset=utf-8"]
    return f"{CRLF.join(head)}{CRLF}{CRLF}{text.replace(chr(10), CRLF)}{CRLF}".encode()


def nested(depth: int, kind: str = "multipart/mixed") -> bytes:
    """Parts within parts."""
    levels = "".join(f'Content-Type: {kind}; boundary="b{n}"{CRLF}{CRLF}--b{n}{CRLF}' for n in range(depth))
    return f"From: a@b.example{CRLF}Subject: deep{CRLF}{levels}Content-Type: text/plain{CRLF}{CRLF}hi".encode()


_HEADERS = (
    "Subject",
    "From",
    "Message-ID",
    "References",
    "Content-Type",
    "Content-Disposition",
    "Auto-Submitted",
    "To",
)
_BROKEN = (
    b"=?utf-8?q?=0D=0ABcc: thief@example.org?=", b"=?nonsense?b?!!!!?=", b"=?utf-8?b?/////w==?=", b"\xff\xfe\x00\xd8",
    b"(" * 3_000, b"<" * 3_000, b'"' * 999, b";a=" * 3_000, b";name*0*=x'" * 500, b"\x00", b"\r\n\t \r\n ",
    b"a@b" * 900,
    b"<a@b.example>, <c@d.example>", b'"ap@oak.example" <thief@example.org>', b'attachment; filename="../../etc/x.pdf"',
    b"text/plain; charset=nonsense", b"text/plain; charset=idna", b"text/html", b"multipart/mixed; boundary=x",
    b"multipart/mixed; boundary=", b"message/rfc822", b"text/plain; charset*=utf-16'en'%FF", b"multipart/report",
)  # fmt: skip
_BODIES = (
    b"\n" * 20_000, b"--x\r\n" * 2_000, b"<" * 20_000, b"<!--" * 5_000, b"<script>" * 2_000, b"&#x110000;" * 999,
    b"On " * 6_000, b"> " * 9_000, b"-" * 20_000, b"On a wrote:\n" * 900, b"\xed\xa0\x80" * 999, b"begin 666 x\nM" * 99,
    b"=3D" * 5_000, b"invoice 1 " * 999, b"From: a\nSent: b\n" * 500, b"1" * 20_000, b"",
)  # fmt: skip
_ENCODINGS = (b"base64", b"quoted-printable", b"x-uuencode", b"7bit", b"nonsense", b"=?a?b?c?=")


def hostile(count: int, seed: int = 27) -> Iterator[bytes]:
    """Broken headers, bodies and structures in all combinations, the same ones for the same seed."""
    chance = random.Random(seed)
    for number in range(count):
        lines = [f"{chance.choice(_HEADERS)}: ".encode() + chance.choice(_BROKEN) for _ in range(chance.randint(0, 6))]
        lines += [b"Content-Transfer-Encoding: " + chance.choice(_ENCODINGS)] if chance.random() < 0.5 else []
        body = b"\r\n".join(chance.choice(_BODIES) for _ in range(chance.randint(1, 3)))
        whole = bytearray(chance.choice((b"\r\n", b"\n", b"\r")).join(lines) + b"\r\n\r\n" + body)
        for _ in range(len(whole) // 1_000):
            whole[chance.randrange(len(whole))] = chance.choice((0, 10, 255))
        yield bytes(whole) + str(number).encode()
