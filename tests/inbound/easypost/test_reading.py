"""What EasyPost's trackers say, in our words: real files beside the checkout, and made-up ones of our own."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from ambidex.domains.shipping import ScanStatus, Tracked
from ambidex.flows.shop_port import Nothing, Unreadable
from ambidex.integrations.easypost import signature
from ambidex.integrations.easypost.messages import EasyPost
from tests.payloads import real, sample

SYSTEM = EasyPost()


def tracked(body: bytes) -> Tracked:
    topic = SYSTEM.delivery("easypost:main", {}, body).topic
    [told] = SYSTEM.read(topic, body)
    assert isinstance(told, Tracked)
    return told


def test_a_real_event_on_the_way() -> None:
    told = tracked(real("easypost", "event-body.json"))
    assert (told.tracking_number, told.carrier, len(told.scans)) == ("1", "FedEx", 7)
    assert told.scans[0].status is ScanStatus.PRE_TRANSIT
    assert told.scans[-1].city == "EDISON"
    assert told.expected_at == datetime(2024, 8, 5, tzinfo=UTC)


def test_a_real_event_of_a_delivery() -> None:
    told = tracked(real("easypost", "tracking-webhook-response.json"))
    assert (told.tracking_number, told.signed_by) == ("EZ4000000004", "John Tester")
    assert [scan.status.value for scan in told.scans][-2:] == ["out_for_delivery", "delivered"]


def test_a_real_tracker_without_its_event() -> None:
    told = tracked(real("easypost", "trackers-create.json"))
    assert (told.tracking_number, told.scans[-1].city) == ("EZ1000000001", "HOUSTON")


def test_a_real_event_about_something_else_changes_nothing() -> None:
    [told] = SYSTEM.read("batch.created", real("easypost", "post-json-example.json"))
    assert told == Nothing("batch.created changes nothing here")


def test_our_sample_in_any_order_with_a_word_nobody_knows() -> None:
    told = tracked(sample("easypost-delivered.json"))
    assert [scan.status.value for scan in told.scans] == [
        "pre_transit", "unknown", "out_for_delivery", "delivered",
    ]  # fmt: skip
    # the summary is ahead of its details
    assert told.scans[-1].happened_at == datetime(2026, 3, 5, 14, 2, 10, tzinfo=UTC)
    assert (told.signed_by, told.tracking_url) == ("M. Nakamura", "https://track.example/hp42")


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tracking_code", None, "tracking_code is missing"),
        ("tracking_details", "none", "tracking_details: a list"),
        ("tracking_details", [7], "an object was expected"),
        ("tracking_details", [{"status": "delivered", "datetime": "yesterday"}], "a time such as"),
        ("est_delivery_date", "2026-03-06", "the zone is missing"),
        ("status", ["delivered"], "a text was expected"),
    ],
)
def test_what_cannot_be_read_says_where(field: str, value: object, said: str) -> None:
    event = json.loads(sample("easypost-delivered.json"))
    event["result"][field] = value
    with pytest.raises(Unreadable) as why:
        SYSTEM.read("tracker.updated", json.dumps(event).encode())
    assert said in str(why.value)


def test_no_json_is_kept_and_refused_on_reading() -> None:
    delivery = SYSTEM.delivery("easypost:main", {"content-type": "application/json"}, b"\xff{")
    assert delivery.topic == ""
    with pytest.raises(Unreadable):
        SYSTEM.read("", b"\xff{")


def test_a_link_that_is_no_address_is_not_shown() -> None:
    event = json.loads(sample("easypost-delivered.json"))
    event["result"]["public_url"] = "javascript:alert(1)"
    assert tracked(json.dumps(event).encode()).tracking_url == ""


def test_the_signature_is_of_these_bytes_by_one_of_the_secrets() -> None:
    body = b'{"id":"evt_1"}'
    # computed by hand: hmac.new(b"sesame", body, sha256).hexdigest()
    signed = signature.sign(body, "sesame")
    assert signed.startswith("hmac-sha256-hex=")
    assert signature.is_signed(body, signed, secrets=["older", "sesame"])
    assert not signature.is_signed(body + b" ", signed, secrets=["sesame"])
    assert not signature.is_signed(body, signed, secrets=["Sesame"])
    assert not signature.is_signed(body, "", secrets=["sesame"])
    assert signature.sign(body, "cle\u0301") == signature.sign(body, "clé")
