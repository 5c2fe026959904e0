"""The region story: stock exists, but in no place that may serve this customer. Nobody is promised it, on any channel."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.runtime.perform import Run
from tests.apps import callers_of
from tests.shop import Shop
from tests.web.floor import on_the_floor

CHANNELS = ("web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b")
LONDON = {"country": "GB", "postcode": "NW1 8AG"}
CORK = {"country": "IE", "postcode": "T12 X8N6"}


@pytest.fixture
async def cork(shop: Shop) -> Shop:
    """Twenty lamps, all in Cork, which sends to Ireland only; London has its own warehouse, which is empty."""
    for code in ("dc-cork", "dc-london"):
        await shop.place(code, kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    async with callers_of(shop.run).as_role("experience") as client:
        for code, country in (("dc-cork", "IE"), ("dc-london", "GB")):
            body = {"method": "ship", "areas": [{"country": country}]}
            assert (await client.put(f"/api/v1/serving-areas/{code}", json=body)).status_code == 200
    await shop.shelf("dc-cork", "LAMP-07", 20)
    await shop.shelf("dc-london", "LAMP-07", 0)
    return shop


def _order(channel: str, address: dict[str, str], **line: object) -> dict[str, Any]:
    return {
        "source": f"{channel}:main",
        "reference": f"R-{channel}-{address['country']}",
        "channel": channel,
        "currency": "GBP",
        "customer": {"name": "Tamsin Okonkwo", "email": "tamsin@example.com"},
        "address": address,
        "lines": [{"item": "LAMP-07", "quantity": 1, "unit_price": "84.00", "method": "ship", **line}],
        "payment": {"status": "authorized", "amount": "84.00"},
    }


async def _told(client: httpx.AsyncClient, channel: str, address: dict[str, str]) -> tuple[int, int]:
    """What availability and "why" say to a customer there."""
    asked = {"item": "LAMP-07", "channel": channel, **address}
    [total] = (await client.get("/api/v1/availability", params=asked)).json()["totals"]
    why = (await client.get("/api/v1/stock/LAMP-07", params={"channel": channel, **address})).json()
    return total["available"], why["available"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_nobody_is_promised_what_no_place_may_send_them(run: Run, cork: Shop, channel: str) -> None:
    async with callers_of(run).as_role("admin") as client:
        assert await _told(client, channel, LONDON) == (0, 0)
        assert await _told(client, channel, CORK) == (20, 20)
        refused = await client.post("/api/v1/orders", json=_order(channel, LONDON))
        by_name = await client.post("/api/v1/orders", json=_order(channel, LONDON, location="dc-cork"))
        placed = await client.post("/api/v1/orders", json=_order(channel, CORK))

    assert (refused.status_code, refused.json()["code"]) == (409, "sold-out")
    assert refused.json()["left"] == [], "what lies in Cork does not help in London"
    assert (by_name.status_code, by_name.json()["code"]) == (409, "may-not-serve")
    [line] = by_name.json()["lines"]
    assert (line["location"], line["reason"]) == ("dc-cork", "it does not serve this address")
    assert placed.status_code == 201
    assert (await cork.stock("dc-cork", "LAMP-07")).reserved == 1


async def test_the_page_shows_why_on_every_channel(cork: Shop) -> None:
    async with on_the_floor(cork, role=Role.EXPERIENCE, place=None) as floor:
        for channel in CHANNELS:
            page = await floor.page(f"/stock/LAMP-07?channel={channel}&country=GB&postcode=NW1")
            assert "0 may be promised now" in page
            assert "Left out: it does not serve this address." in page
            assert "Does not count here 20" in page
