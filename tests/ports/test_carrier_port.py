"""The contract of Carriers, through EasyPost's shapes over HTTP, on the working double."""

from __future__ import annotations

import asyncio
import base64
import random
from typing import Any

import httpx
import pytest

from ambidex.domains.shipping import Size
from ambidex.flows.carrier_port import CarrierDown, CarrierRefused, Parcel
from ambidex.integrations.carriers.easypost import EasyPostCarriers, NoCarrier
from ambidex.integrations.fake.carrier import FakeCarrier
from ambidex.integrations.fake.carrier_http import FakeCarrierApi
from tests.conftest import Clock

TOKEN = "EZTK-made-up"
CAMDEN = {
    "name": "Camden",
    "line1": "12 Chalk Farm Road",
    "city": "London",
    "postcode": "NW1 8AG",
    "country": "GB",
}
LEEDS = {
    "name": "Łucja Żak",
    "line1": "4 Ferncliffe Terrace",
    "city": "Leeds",
    "postcode": "LS1 4DY",
    "country": "GB",
}


@pytest.fixture
def fake(clock: Clock) -> FakeCarrier:
    return FakeCarrier(clock=clock, chance=random.Random(3), secret="shh-made-up", token=TOKEN)


@pytest.fixture
def api(fake: FakeCarrier) -> FakeCarrierApi:
    return FakeCarrierApi(fake)


def connected(app: Any, *, token: str = TOKEN) -> EasyPostCarriers:
    client = httpx.AsyncClient(base_url="http://carrier.test", transport=httpx.ASGITransport(app))
    return EasyPostCarriers(client, token=token)


@pytest.fixture
def port(api: FakeCarrierApi) -> EasyPostCarriers:
    return connected(api)


def parcel(key: str = "k1", **said: Any) -> Parcel:
    told: dict[str, Any] = {
        "carrier": "", "service": "", "grams": 850, "size": Size(300, 200, 100), "sender": CAMDEN,
        "receiver": LEEDS, "reference": "K7QD-2M9X/1", **said,
    }  # fmt: skip
    return Parcel(key=key, **told)


async def test_a_label_is_bought_at_the_lowest_rate_and_can_be_printed(
    port: EasyPostCarriers, fake: FakeCarrier
) -> None:
    printed = await port.make_label(parcel())
    assert (printed.carrier, printed.service, printed.currency) == ("Hare Post", "Ground", "GBP")
    assert printed.cost_minor > 0
    picture = base64.b64decode(printed.document).decode()
    assert printed.media_type == "image/svg+xml"
    assert printed.tracking_number in picture
    assert "Łucja Żak" in picture
    [shipment] = fake.shipments.values()
    assert shipment["parcel"] == {"weight": 30.0, "length": 11.8, "width": 7.9, "height": 3.9}


async def test_the_same_key_is_the_same_label_another_key_another(
    port: EasyPostCarriers, fake: FakeCarrier
) -> None:
    first, again = await port.make_label(parcel()), await port.make_label(parcel())
    assert first == again
    assert (await port.make_label(parcel("k2"))).tracking_number != first.tracking_number
    assert len(fake.shipments) == 2


async def test_an_answer_that_was_lost_is_found_by_its_key(port: EasyPostCarriers, fake: FakeCarrier) -> None:
    for _ in range(2):
        fake.moods.loses_answers = 1
        with pytest.raises(CarrierDown):
            await port.make_label(parcel())
    assert (await port.make_label(parcel())).tracking_number
    assert len(fake.shipments) == 1


async def test_carrier_and_service_that_were_asked_for(port: EasyPostCarriers) -> None:
    printed = await port.make_label(parcel(carrier="swift & daughter", service="nextday"))
    assert (printed.carrier, printed.service) == ("Swift & Daughter", "NextDay")
    with pytest.raises(CarrierRefused) as nobody:
        await port.make_label(parcel("k2", carrier="Pony"))
    assert "no rate of Pony" in nobody.value.detail


@pytest.mark.parametrize(
    ("receiver", "said"),
    [
        ({**LEEDS, "postcode": ""}, "zip is missing"),
        ({**LEEDS, "country": "Great Britain"}, "two letters"),
        ({**LEEDS, "line1": "1 Nowhere Lane"}, "Unable to verify"),
        ({}, "name, street1, city, zip, country is missing"),
    ],
)
async def test_a_bad_address_is_refused_in_words(
    port: EasyPostCarriers, fake: FakeCarrier, receiver: dict[str, str], said: str
) -> None:
    with pytest.raises(CarrierRefused) as refused:
        await port.make_label(parcel(receiver=receiver))
    assert said in refused.value.detail
    assert fake.shipments == {}


async def offered(port: EasyPostCarriers, fake: FakeCarrier, **said: object) -> None:
    """A shipment waits whose rates say this."""
    with pytest.raises(CarrierRefused):
        await port.make_label(parcel(carrier="Pony"))
    [shipment] = fake.shipments.values()
    shipment["rates"] = [{**one, **said} for one in shipment["rates"]]


@pytest.mark.parametrize("rate", ["free", "NaN", "Infinity", None])
async def test_an_answer_that_cannot_be_read_is_none(
    port: EasyPostCarriers, fake: FakeCarrier, rate: str | None
) -> None:
    await offered(port, fake, rate=rate)
    with pytest.raises(CarrierDown) as unread:
        await port.make_label(parcel())
    assert "cannot be read" in unread.value.detail


async def test_a_rate_is_counted_in_its_own_currency(port: EasyPostCarriers, fake: FakeCarrier) -> None:
    await offered(port, fake, rate="1200", currency="JPY")
    assert (await port.make_label(parcel())).cost_minor == 1200


async def test_down_and_wrong_key(port: EasyPostCarriers, fake: FakeCarrier, api: FakeCarrierApi) -> None:
    fake.moods.down = True
    with pytest.raises(CarrierDown):
        await port.make_label(parcel())
    fake.moods.down = False
    with pytest.raises(CarrierRefused):
        await connected(api, token="another").make_label(parcel())


async def test_slow_is_down_after_a_while(fake: FakeCarrier, api: FakeCarrierApi) -> None:
    async def too_slow(scope: Any, receive: Any, send: Any) -> None:
        raise httpx.ReadTimeout("no answer")

    with pytest.raises(CarrierDown):
        await connected(too_slow).make_label(parcel())
    fake.moods.slow_seconds = 0.01
    first, second = await asyncio.gather(*(connected(api).make_label(parcel(k)) for k in ("a", "b")))
    assert first.tracking_number != second.tracking_number


async def test_voided_once_and_harmless_again(port: EasyPostCarriers, fake: FakeCarrier) -> None:
    printed = await port.make_label(parcel())
    assert await port.void_label("k1", printed.carrier_ref) == "refund submitted"
    assert await port.void_label("k1", "") == "taken back before"
    assert await port.void_label("never-made", "") == "nothing was made"
    other = await port.make_label(parcel("k2"))
    fake.moves(other.tracking_number, "in_transit")
    with pytest.raises(CarrierRefused) as late:
        await port.void_label("k2", other.carrier_ref)
    assert "on its way" in late.value.detail


async def test_nobody_connected_says_what_to_do() -> None:
    with pytest.raises(CarrierDown) as nobody:
        await NoCarrier().make_label(parcel())
    assert "AMBIDEX_CARRIER_URL" in nobody.value.detail
    with pytest.raises(CarrierDown):
        await NoCarrier().void_label("k1", "")
