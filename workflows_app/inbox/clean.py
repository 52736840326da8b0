"""Text of strangers made harmless: bounded, without control characters, in time that grows with its length only."""

import codecs
import html
import re
from collections.abc import Iterator
from typing import Final

MOST_TEXT: Final = 20_000
# Codecs that are no character sets of mail, or whose time grows with the square of the length.
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7"})
# Control characters, halves of characters, and what turns the direction of writing round to show another text.
_HARMFUL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_HIDDEN: Final = frozenset({"head", "script", "style", "template", "title"})
_BREAKS: Final = frozenset({"br", "div", "h1", "h2", "h3", "h4", "li", "p", "table", "tr", "ul", "ol", "blockquote"})
_TAG_NAME: Final = re.compile(r"/?([A-Za-z][A-Za-z0-9]{0,20})")


def decoded(data: bytes, charset: str | None) -> str:
    """Bytes as text; an unknown or unsuitable charset is taken for UTF-8, and what does not fit becomes U+FFFD."""
    try:
        name = codecs.lookup(charset or "utf-8").name
        if name in _NO_CHARSETS:
            raise LookupError(name)
        return data.decode(name, "replace")
    except (LookupError, ValueError, AssertionError):  # ValueError: a NUL in the name, or a codec that refuses
        return data.decode("utf-8", "replace")


def one_line(text: str, most: int) -> str:
    """Text on one line of at most `most` characters, without anything that could begin another header."""
    return " ".join(_HARMFUL.sub(" ", text[: most * 4]).split())[:most]


def lines(text: str, most: int = MOST_TEXT) -> str:
    """Text with its line breaks: spaces at ends are gone, blank lines are one, then at most `most` characters."""
    kept: list[str] = []
    size = 0
    for line in text.splitlines():
        line = _HARMFUL.sub("", line.replace("\t", " ").replace("\xa0", " ")).rstrip()
        if line or (kept and kept[-1]):
            kept.append(line)
            size += len(line) + 1
        if size > most:
            break
    return "\n".join(kept)[:most].strip()


def from_html(markup: str) -> str:
    """What a reader of HTML sees, roughly. No parser of the standard library: some take the square of the length."""
    return html.unescape("".join(_seen(markup)))


def _seen(markup: str) -> Iterator[str]:
    """The text between the tags; a tag that breaks a line is a line break, as are those of what is not shown."""
    hidden = ""
    for number, piece in enumerate(markup.split("<")):
        tag, closed, text = piece.partition(">") if number else ("", ">", piece)
        if not closed:
            tag, text = "", f"<{piece}"
        if hidden:
            hidden = "" if _ends(tag, text, hidden) else hidden
            text = text.rpartition("-->")[2] if not hidden and "-->" in text else text
        elif tag.startswith("!--"):
            hidden = "" if tag.endswith("--") else "!--"
        else:
            hidden = _opens(tag)
        yield from () if hidden else (_break(tag), text)


def _name(tag: str) -> str:
    found = _TAG_NAME.match(tag)
    return found.group(1).lower() if found else ""


def _opens(tag: str) -> str:
    """The element that hides what follows, if this tag opens one."""
    name = _name(tag)
    return name if name in _HIDDEN and not tag.startswith("/") and not tag.endswith("/") else ""


def _ends(tag: str, text: str, hidden: str) -> bool:
    """Whether this piece ends what hides."""
    if hidden == "!--":
        return tag.endswith("--") or "-->" in text
    return tag.startswith("/") and _name(tag) == hidden


def _break(tag: str) -> str:
    return "\n" if _name(tag) in _BREAKS else " " if _name(tag) in ("td", "th") else ""
