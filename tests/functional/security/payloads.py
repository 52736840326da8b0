"""Fifty texts that execute where they are not escaped, and a hand that writes them into every text of the database."""

import json
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

from django.db import IntegrityError, models, transaction

from tests.integration.admin.rows import own_models

MARK: Final = "hit()"  # what an executed payload calls
_OPENINGS: Final = (
    "<script>{}</script>", "<ScRiPt>{}</sCrIpT>", "<script >{}</script >", "<img src=x onerror={}>",
    "<img/src=x/onerror={}>", "<svg onload={}>", "<svg/onload={}>", "<body onload={}>", "<video src=x onerror={}>",
    "<audio src=x onerror={}>", "<iframe srcdoc='<script>parent.{}</script>'></iframe>", "<details open ontoggle={}>",
    "<input autofocus onfocus={}>", "<select autofocus onfocus={}>", "<textarea autofocus onfocus={}>",
    "<marquee onstart={}>", "<object data=x onerror={}>", "<style onload={}></style>",
    "<svg><animate onbegin={} attributeName=x dur=1s>", "<math><mtext><img src=x onerror={}></mtext></math>",
)  # fmt: skip
_ESCAPES: Final = ("</textarea>", "</title>", "</script>", "</style>", "</pre>", "-->", "]]>", "</option></select>")
_ALPINE: Final = (
    "<div x-data x-init={}></div>", "<b x-data=\"{{a:{}}}\"></b>", "<i x-data x-text=\"{}\"></i>",
    "<u x-data x-effect=\"{}\"></u>", "<p hx-on::load={}></p>", "<p hx-get=/ hx-trigger=load hx-on:htmx:load={}></p>",
)  # fmt: skip
_QUOTES: Final = tuple(f"{quote}{inner}" for quote in ("\"", "'", "`") for inner in
    (" autofocus onfocus={} x=", "><img src=x onerror={}>", " x-init={} x-data=", "-{}-", "};{};//"))  # fmt: skip
PAYLOADS: Final = tuple(
    text.replace("{{", "{").replace("}}", "}").replace("{}", MARK)
    for text in (*_OPENINGS, *(f"{escape}<img src=x onerror={{}}>" for escape in _ESCAPES), *_ALPINE, *_QUOTES,
                 "javascript:{}")
)  # fmt: skip
EVERYTHING: Final = " ".join(PAYLOADS)
_ONE_AT_A_TIME = cycle(PAYLOADS)
# What only our own code writes, and reads again: names, and texts with a shape.
_READ: Final = {"spec", "plan", "proposed_by", "effects", "digest", "workflow_type"}
_REVIEWED: Final = {"workflow_contracts"}


def plant() -> int:
    """Write payloads into every free text of every row of ours; the number of columns that took one."""
    planted = 0
    for model in own_models():
        if model._meta.db_table in _REVIEWED:
            continue
        for row in model._base_manager.all():
            planted += sum(_write(row, field) for field in _texts(model))
    return planted


def _texts(model: type[models.Model]) -> Iterator[Any]:
    for field in model._meta.concrete_fields:
        free = isinstance(field, models.CharField | models.TextField) and not field.choices and not field.is_relation
        if free and not field.primary_key and not field.unique and field.name not in _READ:
            yield field


def _write(row: models.Model, field: Any) -> bool:
    """One column of one row; False when the database does not take it, or when it is too short for any payload."""
    text = _hostile(getattr(row, field.attname), field.max_length)
    if text is None:
        return False
    try:
        with transaction.atomic():
            row._meta.model._base_manager.filter(pk=row.pk).update(**{field.attname: text})
    except IntegrityError:
        return False
    return True


def _hostile(old: Any, room: int | None) -> str | None:
    """JSON stays JSON, with payloads for its texts; any other text becomes as many payloads as there is room for."""
    try:
        parsed = json.loads(old)
    except (TypeError, ValueError):
        parsed = None
    if isinstance(parsed, dict | list):
        return json.dumps(_replaced(parsed))
    if room is None:
        return EVERYTHING
    return next((payload for _, payload in zip(PAYLOADS, _ONE_AT_A_TIME, strict=False) if len(payload) <= room), None)


def _replaced(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: inner if key.startswith("$") else _replaced(inner) for key, inner in value.items()}  # $: a type
    if isinstance(value, list):
        return [_replaced(inner) for inner in value]
    return EVERYTHING if isinstance(value, str) else value
