"""Canonical text through the database: what was hashed is what is read, on both databases."""

import random
from decimal import Decimal

import pytest

from approvals import services
from approvals.canonical import canonical, digest, parse
from approvals.models import ProposedAction
from tests.integration.approvals.fakes import new_proposal

PAYLOADS = 10_000
ALPHABET = "aZ09 '\"\\%_{}\n\r\t\x01\x7f\x85éßŁ漢字\u200d\u202e\ufeff😀𝔘\U0010ffff"


def text(rng: random.Random) -> str:
    return "".join(rng.choices(ALPHABET, k=rng.randint(0, 12)))


def value(rng: random.Random, depth: int = 0) -> object:
    kinds = [
        lambda: text(rng),
        lambda: rng.choice([None, True, False, 0, -1, 10**16, 2**63, -(2**200)]),
        lambda: Decimal(rng.randint(-(10**12), 10**12)).scaleb(-rng.randint(0, 6)),
        lambda: [value(rng, depth + 1) for _ in range(rng.randint(0, 4))],
        lambda: {text(rng): value(rng, depth + 1) for _ in range(rng.randint(0, 4))},
    ]
    return rng.choice(kinds[: 3 if depth > 3 else 5])()


@pytest.mark.django_db
def test_ten_thousand_payloads_come_back_as_they_were() -> None:
    rng = random.Random(7)
    texts = {f"p{number}": canonical(value(rng)) for number in range(PAYLOADS)}

    for start in range(0, PAYLOADS, 1000):
        names = [f"p{number}" for number in range(start, start + 1000)]
        services.stage_many([new_proposal(name, effects=texts[name], payload=texts[name]) for name in names])

    rows = list(ProposedAction.objects.values_list("pk", "effects", "payload", "digest"))
    assert len(rows) == PAYLOADS
    assert [pk for pk, effects, payload, _ in rows if not effects == payload == texts[pk]] == []
    assert [pk for pk, effects, _, stored in rows if digest(effects) != stored] == []
    assert [pk for pk, effects, _, _ in rows if canonical(parse(effects)) != effects] == []
