"""Service signatures: ours pass for five minutes, everything else does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from workflows_app.delivery import signature
from workflows_app.delivery.signature import Call, SignatureError

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CALL = Call(method="POST", path="/api/quote/pdf", idempotency_key="k1", body=b'{"total":"1.00"}')


def test_a_signed_call_passes() -> None:
    signature.verify(CALL, signature.sign(CALL, NOW), NOW)


@pytest.mark.parametrize("seconds", [-300, 300])
def test_a_signature_is_good_for_five_minutes(seconds: int) -> None:
    signature.verify(CALL, signature.sign(CALL, NOW), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_second_more_is_too_much(seconds: int) -> None:
    with pytest.raises(SignatureError, match="seconds away"):
        signature.verify(CALL, signature.sign(CALL, NOW), NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "change",
    [{"method": "PUT"}, {"path": "/api/quote/pdf2"}, {"path": "/api/quote/pdf?a=1"}, {"idempotency_key": "k2"},
     {"body": b'{"total":"2.00"}'}, {"body": b""}],
)  # fmt: skip
def test_no_part_of_a_call_can_be_exchanged(change: dict[str, object]) -> None:
    headers = signature.sign(CALL, NOW)

    with pytest.raises(SignatureError, match="does not match"):
        signature.verify(replace(CALL, **change), headers, NOW)


def test_parts_cannot_be_shifted_into_each_other() -> None:
    one = Call(method="GET", path="/a", idempotency_key="b\nc", body=b"")
    other = Call(method="GET", path="/a\nb", idempotency_key="c", body=b"")

    with pytest.raises(SignatureError):
        signature.verify(other, signature.sign(one, NOW), NOW)


def test_the_timestamp_is_signed_too() -> None:
    headers = signature.sign(CALL, NOW) | {signature.TIMESTAMP_HEADER: str(int(NOW.timestamp()) + 200)}

    with pytest.raises(SignatureError, match="does not match"):
        signature.verify(CALL, headers, NOW + timedelta(seconds=400))


@pytest.mark.parametrize("value", ["", "zz", "é", "\udcff", "0" * 64])
@pytest.mark.parametrize("header", [signature.SIGNATURE_HEADER, signature.TIMESTAMP_HEADER])
def test_nonsense_in_a_header_is_refused_in_words(header: str, value: str) -> None:
    with pytest.raises(SignatureError):
        signature.verify(CALL, signature.sign(CALL, NOW) | {header: value}, NOW)
    with pytest.raises(SignatureError):
        signature.verify(CALL, {}, NOW)


def test_another_secret_key_makes_another_signature(settings: Settings) -> None:
    headers = signature.sign(CALL, NOW)
    settings.SECRET_KEY = "another"

    with pytest.raises(SignatureError):
        signature.verify(CALL, headers, NOW)
