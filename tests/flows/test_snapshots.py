"""What the engine decides from: clocks of places, where an address is, how sure a shelf is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.routing import Policy
from ambidex.flows.place_order import place_orders
from ambidex.flows.postcodes import Postcodes
from ambidex.flows.snapshots import next_departure, point_of, times_of
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import LocationId, new_id
from ambidex.reads.confidence import Doubt
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import PinnedDatabase, Tx
from ambidex.runtime.perform import Run
from bench.writes import counted
from tests.conftest import NOON
from tests.flows.test_place_order import asked, place
from tests.flows.test_route_order import TO_CAMDEN, sent, stocked, three_warehouses
from tests.shop import Shop

LONDON = ZoneInfo("Europe/London")
WEEKDAYS = {day: ((time(9), time(18)),) for day in range(5)}


def shop_in_london(**more: Any) -> Location:
    hours = Hours(
        LONDON,
        more.pop("week", WEEKDAYS),
        **{k: more.pop(k) for k in ("exceptions", "closed_from") if k in more},
    )
    known = Location(LocationId(new_id(NOON)), "camden", "Camden", LocationKind.STORE, hours)
    return replace(known, **more)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        # Tuesday noon, 90 minutes of handling: the cut-off of the same day
        ("2026-03-03 12:00", "2026-03-03 16:00"),
        # packed at the very minute
        ("2026-03-03 14:30", "2026-03-03 16:00"),
        ("2026-03-03 14:31", "2026-03-04 16:00"),
        # Friday evening: nobody works before Monday
        ("2026-03-06 17:00", "2026-03-09 16:00"),
        # the night in which the clocks change
        ("2026-03-27 15:30", "2026-03-30 16:00"),
    ],
)
def test_when_it_leaves(now: str, leaves: str) -> None:
    assert times_of(shop_in_london(), Policy(), now=at(now)).cut_off_at == at(leaves)


@pytest.mark.parametrize(
    ("said", "leaves"),
    [
        ({}, "2026-03-03 16:00"),
        ({"cut_offs": (("store", 13 * 60),)}, "2026-03-04 13:00"),
        ({"cut_offs": (("store", 13 * 60), ("camden", 17 * 60))}, "2026-03-03 17:00"),
        ({"handling_minutes": (("store", 300),)}, "2026-03-04 16:00"),
        # later than the place is open: at closing time
        ({"cut_offs": (("store", 22 * 60),)}, "2026-03-03 18:00"),
    ],
)
def test_the_version_of_the_rules_says_how_long_and_until_when(said: dict[str, Any], leaves: str) -> None:
    found = times_of(shop_in_london(), Policy(**said), now=at("2026-03-03 12:00"))
    assert found.cut_off_at == at(leaves)


def test_a_place_that_closes_for_good_sends_nothing_after_that() -> None:
    gone = shop_in_london(closed_from=at("2026-03-04 12:00").date())
    assert times_of(gone, Policy(), now=at("2026-03-03 15:00")).cut_off_at is None
    assert next_departure(gone, Policy(), after=at("2026-03-03 15:00")) == at("2026-03-03 16:00")


PLACES = [
    shop_in_london(
        code="camden", latitude=51.5, longitude=-0.1, address={"postcode": "NW1 8AG", "country": "GB"}
    ),
    shop_in_london(
        code="leeds", latitude=53.8, longitude=-1.5, address={"postcode": "LS1 4DY", "country": "GB"}
    ),
    shop_in_london(
        code="paris", latitude=48.8, longitude=2.3, address={"postcode": "75001", "country": "FR"}
    ),
    shop_in_london(code="nowhere"),
]


@pytest.mark.parametrize(
    ("address", "country", "postcode", "point"),
    [
        ({"latitude": "51.25", "longitude": -0.5}, "GB", "", (51_250_000, -500_000)),
        ({"lat": 1, "lng": 2}, "", "", (1_000_000, 2_000_000)),
        ({}, "GB", "NW1 7ES", (51_500_000, -100_000)),
        ({}, "GB", "ls2 8aa", (53_800_000, -1_500_000)),
        # alike in another country says nothing
        ({}, "GB", "75001", None),
        ({}, "GB", "", None),
        ({"latitude": "north"}, "GB", "ZE1", None),
        # no place on earth: the postcode says it
        ({"latitude": "1e400", "longitude": 0}, "GB", "NW1", (51_500_000, -100_000)),
        ({"latitude": "nan", "longitude": 0}, "GB", "NW1", (51_500_000, -100_000)),
        ({"latitude": 91, "longitude": 0}, "GB", "", None),
        ({"latitude": 0, "longitude": -181}, "GB", "", None),
    ],
)
def test_where_an_address_is(
    address: dict[str, object], country: str, postcode: str, point: tuple[int, int] | None
) -> None:
    assert point_of(address, country, postcode, Postcodes(PLACES)) == point


@pytest.mark.parametrize(
    ("doubt", "free", "chance"),
    [
        (Doubt(NOON, 0, 0), 9, 995),
        (Doubt(NOON - timedelta(days=10), 0, 0), 9, 975),
        (Doubt(None, 0, 0), 9, 875),
        (Doubt(NOON - timedelta(days=900), 0, 0), 9, 875),
        (Doubt(NOON, 0, 1), 9, 915),
        (Doubt(NOON, 2, 1), 9, 855),
        (Doubt(NOON, 0, 0), 1, 935),
        (Doubt(NOON, 0, 0), 3, 965),
        (Doubt(None, 5, 9), 1, 515),
    ],
)
def test_how_sure_a_pick_is(doubt: Doubt, free: int, chance: int) -> None:
    assert doubt.chance(free, now=NOON) == chance


@pytest.mark.parametrize("size", [1, 20])
async def test_statements_do_not_grow_with_orders_that_are_routed(run: Run, shop: Shop, size: int) -> None:
    house = await three_warehouses(shop)
    await stocked(house, "dc-london:200 dc-leeds:200")
    for number in range(2):
        await place(run, asked(sent(), reference=f"before-{number}", **TO_CAMDEN))
    news = [asked(sent(2), reference=f"W-{n}", **TO_CAMDEN) for n in range(size)]

    async def command(tx: Tx) -> int:
        return len(await place_orders(tx, [Asked(SYSTEM, None, new) for new in news]))

    assert isinstance(run.database, PinnedDatabase)
    async with counted(run.database.pinned) as writes:
        assert await run.perform(SYSTEM, command) == size
    assert writes.statements <= 8, "one more than an order with a place: how sure the shelves are"
    assert writes.made <= 21 * size, "one row more: the receipt"
