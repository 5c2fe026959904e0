"""Many hands in one wave, and two plans at once: real connections, real commits."""

from __future__ import annotations

import asyncio

from ambidex.domains.waves import Limits, Wave
from ambidex.flows.walk_wave import plan_waves
from ambidex.kernel.problem import Problem
from ambidex.reads.waves import wave_page
from tests.flows.waves import SENDS, Floor
from tests.shop import Shop, associate

HANDS = 6


async def floor_of(shop: Shop, **orders: int) -> Floor:
    await shop.place("camden", capabilities=SENDS)
    await shop.shelf("camden", "MUG-01", 20)
    floor = Floor(shop)
    for reference, mugs in orders.items():
        await floor.order(reference, mug_01=mugs)
    return floor


async def test_many_hands_put_each_unit_once(own_shop: Shop) -> None:
    floor = await floor_of(own_shop, A=1, B=2, C=1)
    wave = await floor.walk()
    people = [
        associate(own_shop.places["camden"], f"Colleague {n}", actor_id=f"colleague-{n}") for n in range(HANDS)
    ]  # fmt: skip
    outcomes = await asyncio.gather(*(floor.scan(wave, by=who) for who in people), return_exceptions=True)
    landed = [one.tote_no for one in outcomes if not isinstance(one, BaseException)]
    refused = [one.code for one in outcomes if isinstance(one, Problem)]
    wanted = sorted([1, floor.tote_of(wave, "B"), 2, 3])
    assert (sorted(landed), refused) == (wanted, ["wave-over-scan"] * (HANDS - 4))
    async with floor.run.reading() as read:
        page = await wave_page(read, wave.wave_id)
    assert (page.head.state, page.picked, page.wanted) == ("done", 4, 4)


async def test_one_scan_sent_by_two_devices_counts_once(own_shop: Shop) -> None:
    floor = await floor_of(own_shop, A=3)
    wave = await floor.walk()
    landed = await asyncio.gather(*(floor.scan(wave, key="handheld-7:41") for _ in range(HANDS)))
    assert sum(one.is_new for one in landed) == 1
    async with floor.run.reading() as read:
        assert (await wave_page(read, wave.wave_id)).picked == 1


async def test_two_plans_at_once_take_each_work_once(own_shop: Shop) -> None:
    floor = await floor_of(own_shop, A=1, B=1, C=1)

    async def plan() -> list[Wave]:
        limits = Limits(orders=2)
        return await floor.run.perform(floor.ines, plan_waves, location_id=floor.here, limits=limits)

    outcomes = await asyncio.gather(plan(), plan(), plan(), return_exceptions=True)
    planned = [wave for one in outcomes if isinstance(one, list) for wave in one]
    assert [one.code for one in outcomes if isinstance(one, Problem)] == ["nothing-to-wave"] * 2
    assert sorted(wave.number for wave in planned) == [1, 2]
    assert len({member.key for wave in planned for member in wave.members}) == 3
