"""Several people, one delivery, the same moment: real connections, real commits, and the shelf hears it once."""

from __future__ import annotations

import asyncio

import pytest

from ambidex.kernel.problem import Problem
from ambidex.reads.audit import audit
from tests.flows.transfers import Road, unit, units
from tests.shop import Shop, associate

AT_ONCE = 6


@pytest.fixture
async def road(own_shop: Shop) -> Road:
    await own_shop.shelf("camden", "MUG-01", 0)
    await own_shop.shelf("harbor", "MUG-01", 20)
    return Road(own_shop)


async def test_six_say_that_is_all_and_it_is_booked_once(road: Road) -> None:
    sent = await road.on_the_road(4)
    await road.receive(sent, *units(3))
    outcomes = await asyncio.gather(*(road.finish(sent) for _ in range(AT_ONCE)))
    assert {one.state.value for one in outcomes} == {"partly_received"}
    assert (await road.shop.stock("camden", "MUG-01")).sellable == 3
    assert await road.shop.happened("transfers.received") == ["transfers.received"]
    assert await road.in_transit(sent.reference) == 1


async def test_one_scan_sent_by_six_devices_counts_once(road: Road) -> None:
    sent = await road.on_the_road(2)
    one = unit(key="handheld-7:41")
    people = [
        associate(road.shop.places["camden"], f"Colleague {n}", actor_id=f"c-{n}") for n in range(AT_ONCE)
    ]
    await asyncio.gather(*(road.receive(sent, one, by=each) for each in people))
    [row] = await road.rows("SELECT count(*) AS n FROM transfers.scans WHERE step = 'receive'")
    assert row.n == 1


async def test_scanning_and_finishing_at_once_loses_no_unit(road: Road) -> None:
    sent = await road.on_the_road(6)
    await road.receive(sent, *units(1))
    outcomes = await asyncio.gather(
        road.finish(sent), *(road.receive(sent, unit()) for _ in range(5)), return_exceptions=True
    )
    assert all(isinstance(one, Problem) for one in outcomes if isinstance(one, BaseException)), outcomes
    [row] = await road.rows("SELECT sum(units) AS n FROM transfers.scans WHERE step = 'receive'")
    assert (await road.shop.stock("camden", "MUG-01")).sellable == row.n
    async with road.shop.run.reading() as read:
        assert (await audit(read)).violations == ()


async def test_two_transfers_of_the_last_units_and_one_is_kept(road: Road) -> None:
    asked = [await road.ask(mug_01=15) for _ in range(2)]
    outcomes = await asyncio.gather(*(road.approve(one) for one in asked), return_exceptions=True)
    refused = [one for one in outcomes if isinstance(one, BaseException)]
    assert [getattr(one, "code", one) for one in refused] == ["not-enough"]
    assert (await road.shop.stock("harbor", "MUG-01")).held == 15
