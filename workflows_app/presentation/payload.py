"""What a proposal is about: the payload that its event passes on, as topics where it lists things with titles."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from workflows_app.presentation import words
from workflows_app.presentation.values import Field, fields, is_table

_IDS: Final = ("run_id", "params")


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One thing with a title, e.g. a finding: what is said about it in sentences, and the rest as named values."""

    title: str
    sentences: tuple[str, ...]
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class About:
    """A payload for the card."""

    topics: tuple[Topic, ...]
    fields: tuple[Field, ...]


def read_payload(payload: Mapping[str, Any]) -> About:
    """Lists of things with titles become topics; everything else named values."""
    listed = {name: value for name, value in payload.items() if _has_titles(value)}
    return About(
        topics=tuple(_topic(row) for rows in listed.values() for row in rows),
        fields=fields({name: value for name, value in payload.items() if name not in listed}),
    )


def read_correction(payload: Mapping[str, Any]) -> About:
    """Which check failed, what was found and what was expected; the ids that it asked by are in the technical view."""
    told = {"check": words.step(str(payload.get("check", ""))), "found": payload.get("found")}
    rest = {name: value for name, value in payload.items() if name not in {*told, *_IDS}}
    return About(topics=(), fields=fields({**told, **rest}))


def names_of_elements(payload: Mapping[str, Any]) -> dict[str, str]:
    """The title of each listed thing by every text that may identify it, for effects that name only its key."""
    return {
        value: str(row["title"])
        for rows in payload.values()
        if _has_titles(rows)
        for row in rows
        for value in row.values()
        if isinstance(value, str)
    }


def _has_titles(value: object) -> bool:
    return is_table(value) and all(isinstance(row.get("title"), str) for row in value)  # type: ignore[attr-defined]


def _topic(row: Mapping[str, Any]) -> Topic:
    said = {name: value for name, value in row.items() if name.endswith("_text") and _is_sentence(value)}
    texts = {name for name in row if name.endswith("_text")}
    return Topic(
        title=str(row["title"]),
        sentences=tuple(said.values()),
        fields=fields({name: value for name, value in row.items() if name != "title" and name not in texts}),
    )


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and bool(value) and not value.startswith(("{", "["))
