"""Prices of scarce stock on the page Routing, with their proof; and on a receipt, in words and money."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ambidex.domains import routing
from ambidex.domains.identity import Role
from ambidex.domains.routing import Demand, Shelf, Site, Snapshot, Wanted
from ambidex.domains.routing.rules.price_list import PriceList, PricesState
from ambidex.domains.routing.rules.price_list import WhyOff as Why
from ambidex.domains.routing.rules.trials_of_prices import Played, Proof
from ambidex.kernel.actor import SYSTEM
from ambidex.web.orders.receipt import view, why
from ambidex.web.orders.receipt.known import Known
from ambidex.web.parts.story import NOON
from tests.shop import Shop
from tests.web.floor import on_the_floor

PAYS = Proof(((Played(20, 10_000_000, 21, 0, 0), Played(20, 9_800_000, 20, 0, 0)),) * 2)
COSTS = Proof(((Played(20, 10_000_000, 21, 0, 0), Played(20, 10_300_000, 24, 0, 0)),) * 2)
LEAVES = Proof(((Played(20, 10_000_000, 21, 0, 0), Played(20, 9_000_000, 20, 0, 1)),) * 2)
SAID = [
    (PriceList(PricesState.ON, Why.NOTHING, 300, 27, 20, 5, PAYS, {"MUG": {"camden": (9, 1)}}), "Decisions use them", "cost 2 % less"),
    (PriceList(PricesState.OFF, Why.NOTHING, 300, 27, 20, 5, COSTS), "Not used", "cost 3 % more, so they are not used"),
    (PriceList(PricesState.OFF, Why.NOTHING, 300, 27, 20, 5, LEAVES), "Not used", "2 more units would not have been sent"),
    (PriceList(PricesState.OFF, Why.FEW), "Not used", "Too few orders"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "chip", "sentence"), SAID)
async def test_the_page_says_whether_they_count_and_why(
    shop: Shop, made: PriceList, chip: str, sentence: str
) -> None:
    await shop.place("camden")
    await shop.run.perform(SYSTEM, routing.change.keep_prices, made)
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        page = await floor.page("/routing")
    assert chip in page
    assert sentence in page
    assert "Use none" not in page, "who may read may not stop them"
    if made.proof.seasons:
        assert "An order without them $5.00, 1.05 parcels" in page
        assert "300 orders of 27 days" in page


async def test_somebody_stops_them_and_has_them_made_again(shop: Shop) -> None:
    await shop.place("camden")
    async with on_the_floor(shop, role=Role.EXPERIENCE, place=None) as floor:
        assert "Not made yet" in await floor.page("/routing")
        await shop.run.perform(SYSTEM, routing.change.keep_prices, PriceList(PricesState.ON, proof=PAYS))
        assert "Use none" in await floor.page("/routing")
        assert await floor.goes("/routing/prices/stop") == "/routing#prices"
        stopped = await floor.page("/routing")
        assert "used no more until somebody has them made again" in stopped
        assert "Use none" not in stopped
        await floor.goes("/routing/prices/make")
        assert "being made and tried" in await floor.page("/routing")
    async with on_the_floor(shop, role=Role.DISTRICT, place=None) as floor:
        assert (await floor.post("/routing/prices/stop")).status_code == 403


def test_a_receipt_says_where_it_is_scarce_and_what_that_is_worth() -> None:
    sites = [
        Site(code, latitude_e6=0, longitude_e6=n * 899_300) for n, code in enumerate(("camden", "leeds"))
    ]
    snapshot = Snapshot.of(
        0,
        Demand("order", (Wanted(1, "MUG", 1),), latitude_e6=0, longitude_e6=0),
        sites=sites,
        shelves={("camden", 1): Shelf(1, price=90_000), ("leeds", 1): Shelf(9)},
        policy=routing.versions.BUILT_IN,
    )
    receipt = routing.decide(snapshot).receipt
    known = Known({"camden": "Camden", "leeds": "Leeds"}, {}, {1: "Mug"}, "GBP", NOON)
    assert receipt.chosen.sites == ("leeds",)
    assert why.headline(receipt, known) == (
        "Leeds, because what it has is scarce at Camden: worth £0.90 more to orders still to come"
    )
    assert view.scarce(receipt, known) == (
        "Camden would have cost £0.20 less now, but what it has left is scarce: worth £0.90 to orders still to come."
    )
    free = routing.decide(replace(snapshot, price=snapshot.price * 0)).receipt
    assert view.scarce(free, known) == ""
