"""Late facts land where they belong: in any order of arrival the same facts and counts end with the same shelf."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ambidex.domains import inventory
from ambidex.domains.inventory import Movement, Settled, StockRow
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, new_id
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock
from tests.domains.inventory.shelf import MUG, STORE, books, claim, shelf

WAYS = {"sold": ("sellable", "customer"), "came": ("supplier", "sellable"), "broke": ("sellable", "damaged")}


@dataclass(frozen=True)
class Fact:
    """What happened so many minutes before noon; `what` is one of WAYS or "count"."""

    what: str
    units: int
    minutes: int

    @property
    def at(self) -> datetime:
        return NOON - timedelta(minutes=self.minutes)


def facts(words: str) -> list[Fact]:
    """ "count 5 @30, sold 1 @20": what, how many, minutes before noon."""
    parts = [one.replace("@", "").split() for one in words.split(",") if one.strip()]
    return [Fact(what, int(units), int(minutes)) for what, units, minutes in parts]


async def tell(run: Run, fact: Fact, item: ItemId = MUG) -> list[Settled]:
    if fact.what == "count":
        row = StockRow(item, STORE, fact.units, happened_at=fact.at)
        await run.perform(SYSTEM, inventory.count_all, [row], cause="count")
        return []
    movement = Movement(item, STORE, *WAYS[fact.what], fact.units, happened_at=fact.at)
    return await run.perform(SYSTEM, inventory.book, [movement], cause=fact.what)


def expected(told: Sequence[Fact]) -> int:
    """A shelf that knew everything at its time. Of one moment: what came, what went, then who counted."""
    shelf = 0
    order = {"came": 0, "sold": 1, "broke": 1, "count": 2}
    for fact in sorted(told, key=lambda f: (f.at, order[f.what])):
        match fact.what:
            case "count":
                shelf = fact.units
            case "came":
                shelf += fact.units
            case _:
                shelf = max(0, shelf - fact.units)
    return shelf


@pytest.mark.parametrize(
    ("told", "left"),
    [
        # the plain day: a count, and a sale after it
        ("count 5 @30, sold 1 @20", 4),
        # an offline sale that came before the count is not subtracted twice
        ("count 5 @30, sold 1 @40", 5),
        # the moment of the count belongs to what was counted
        ("count 5 @30, sold 1 @30", 5),
        # a count that is told late compares with the book as of its own moment
        ("count 9 @60, sold 2 @10, count 6 @30", 4),
        # a count older than the last one changes no shelf
        ("count 5 @30, count 9 @60", 5),
        # neither does a late sale between two counts
        ("count 9 @60, count 5 @30, sold 3 @45", 5),
        # a unit that was not in the book was sold; the receipt that brought it comes late and cancels it
        ("count 0 @60, sold 1 @20, came 1 @40", 0),
        # but not when it came after the sale
        ("count 0 @60, sold 1 @40, came 1 @20", 1),
        ("count 0 @60, came 5 @20, sold 1 @40", 5),
        # goods without any count before
        ("came 5 @20, sold 2 @10, count 7 @15", 5),
        # damage leaves the shelf too
        ("count 5 @30, broke 2 @20, count 4 @25", 2),
    ],
)
async def test_what_lies_there_after(run: Run, told: str, left: int) -> None:
    for fact in facts(told):
        await tell(run, fact)
    assert (await books(run))[0] == left == expected(facts(told))


ONE = st.builds(
    Fact, st.sampled_from(["sold", "sold", "came", "broke", "count"]), st.integers(0, 6), st.integers(1, 12)
)


def _distinct_counts(told: list[Fact]) -> bool:
    counted = [fact.minutes for fact in told if fact.what == "count"]
    return len(set(counted)) == len(counted)


@settings(max_examples=60)
@given(told=st.lists(ONE, min_size=1, max_size=8).filter(_distinct_counts), draws=st.data())
async def test_any_order_of_arrival_ends_with_the_same_shelf(
    run: Run, told: list[Fact], draws: st.DataObject
) -> None:
    item = ItemId(new_id(NOON))
    arrived = draws.draw(st.permutations(told))
    for fact in arrived:
        await tell(run, fact, item)
    assert (await books(run, item=item))[0] == expected(told)
    async with run.reading() as read:
        for fact in told:
            if fact.what == "count":
                then = await inventory.book_as_of(read, {(item, STORE): fact.at})
                assert then == {(item, STORE): fact.units}, "the book of then says what was counted then"


@settings(max_examples=30)
@given(
    told=st.lists(ONE.filter(lambda f: f.what != "count"), min_size=1, max_size=8), counted=st.integers(0, 9)
)
async def test_a_list_at_once_ends_like_one_by_one(run: Run, told: list[Fact], counted: int) -> None:
    item = ItemId(new_id(NOON))
    await tell(run, Fact("count", counted, 6), item)
    rows = [Movement(item, STORE, *WAYS[f.what], f.units, happened_at=f.at) for f in told]
    await run.perform(SYSTEM, inventory.book, rows, cause="till")
    assert (await books(run, item=item))[0] == expected([Fact("count", counted, 6), *told])


async def test_a_late_fact_is_written_where_it_belongs_with_its_opposite_at_the_count(run: Run) -> None:
    await tell(run, Fact("count", 5, 30))
    [settled] = await tell(run, Fact("sold", 2, 40))
    assert [m.quantity for m in settled.absorbed] == [2]
    async with run.reading() as read:
        then = await inventory.book_as_of(read, {(MUG, STORE): NOON - timedelta(minutes=35)})
    assert then == {(MUG, STORE): -2}, "the book of then knows of the sale"


async def test_a_clock_ahead_of_ours_beside_a_count_that_was_a_moment_sooner(run: Run, clock: Clock) -> None:
    clock.forward(seconds=2)
    await shelf(run, 5)
    clock.forward(seconds=-2)
    ahead = Movement(MUG, STORE, "sellable", "customer", 1, happened_at=NOON + timedelta(seconds=5))
    await run.perform(SYSTEM, inventory.book, [ahead], cause="sold")
    assert (await books(run))[0] == 5, "what we know of then is from before the count"


async def test_staging_from_before_a_count_does_not_empty_the_shelf_twice(run: Run) -> None:
    await shelf(run, 5)
    mine = [claim(1, 2)]
    await run.perform(SYSTEM, inventory.reserve, mine)
    # the counter saw three: two were staged an hour ago by somebody without a network
    await run.perform(SYSTEM, inventory.count_all, [StockRow(MUG, STORE, 3)], cause="count")
    before = NOON - timedelta(hours=1)
    await run.perform(SYSTEM, inventory.move, mine, inventory.Move.STAGE, happened_at=before)
    assert await books(run) == (3, 0, 2, 0, 0, 0)


async def test_what_was_not_in_the_book_is_said(run: Run) -> None:
    await shelf(run, 1)
    [settled] = await run.perform(
        SYSTEM, inventory.book, [Movement(MUG, STORE, "sellable", "customer", 3)], cause="sold"
    )
    assert settled.unknown == 2
    assert await books(run) == (0, 0, 0, 0, 0, 0)


async def test_a_sale_takes_suspect_units_last(run: Run) -> None:
    await shelf(run, 3)
    await run.perform(SYSTEM, inventory.reserve, [claim(1, 2)])
    await run.perform(SYSTEM, inventory.move, [claim(1, 2)], inventory.Move.SUSPECT, evidence=["e1"])
    await run.perform(SYSTEM, inventory.book, [Movement(MUG, STORE, "sellable", "customer", 2)], cause="sold")
    assert await books(run) == (0, 1, 0, 0, 0, 0)


async def test_a_till_whose_clock_is_ahead_tells_of_now(run: Run) -> None:
    await shelf(run, 5)
    [settled] = await tell(run, Fact("sold", 2, -90))
    assert [m.quantity for m in settled.absorbed] == [2], "at this moment the shelf was just counted"
    assert (await books(run))[0] == 5


async def test_goods_travel_through_the_accounts_outside(run: Run) -> None:
    there = ItemId(UUID(int=0xA1))
    await shelf(run, 4)
    ways = [
        ("sellable", "in_transit"),
        ("in_transit", "package"),
        ("found", "sellable"),
        ("sellable", "found"),
    ]
    rows = [Movement(there, STORE, *way, 1) for way in ways]
    await run.perform(
        SYSTEM, inventory.book, rows, cause="sent", source="wms:dc", reference="T-1", note="box 7"
    )
    assert await books(run) == (3, 0, 0, 0, 0, 0)
