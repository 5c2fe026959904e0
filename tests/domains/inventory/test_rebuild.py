"""A planted difference between a position and what it sums up is found by the audit and mended by the rebuild."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from ambidex.domains import inventory
from ambidex.domains.inventory import Settled
from ambidex.entry.cli_stock import rebuild_all
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from ambidex.reads.audit_stock import STOCK
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock
from tests.domains.inventory.shelf import LAMP, MUG, OTHER, STORE, books, claim, hold, reserve, shelf
from tests.shop import Shop

PLANTED = [
    ("sellable = sellable + 2", {("sellable", "7", "5")}),
    ("staged = 3", {("staged", "3", "0")}),
    ("held = 0", {("held", "0", "1")}),
    ("reserved = 1", {("reserved", "1", "2")}),
    ("counted_at = NULL", {("counted_at", "None", str(NOON))}),
]


async def broken(run: Run) -> list[str]:
    async with run.reading() as read:
        return [v.rule for v in (await audit(read)).violations if v.invariant == STOCK]


async def rebuilt(run: Run) -> tuple[int, list[Settled]]:
    return await rebuild_all(run)


@pytest.fixture
async def busy_shelf(run: Run) -> None:
    await shelf(run, 5)
    await shelf(run, 5, item=LAMP, place=OTHER)
    await reserve(run, claim(1, 2))
    await hold(run, 1, minutes=10)


@pytest.mark.usefixtures("busy_shelf")
@pytest.mark.parametrize(("planted", "found"), PLANTED, ids=[p for p, _ in PLANTED])
async def test_a_planted_difference_is_found_and_mended(
    run: Run, planted: str, found: set[tuple[str, str, str]]
) -> None:
    async def plant(tx: Tx) -> None:
        await tx.run(text(f"UPDATE inventory.positions SET {planted} WHERE item_id = :item"), {"item": MUG})  # noqa: S608  # constants above

    await run.perform(SYSTEM, plant)
    before = await broken(run)
    assert set(before) - {"a ledger"}, "the audit is silent about it"
    looked, wrong = await rebuilt(run)
    assert looked == 2
    assert [place.place for place in wrong] == [(MUG, STORE)]
    assert found <= set(wrong[0].differences)
    assert await books(run) == (5, 0, 0, 2, 1, 0)
    assert not set(await broken(run)) & set(before)
    assert (await rebuilt(run))[1] == [], "a second rebuild finds nothing"


@pytest.mark.usefixtures("busy_shelf")
async def test_a_position_that_was_lost_comes_back(run: Run) -> None:
    async def lose(tx: Tx) -> None:
        await tx.run(text("DELETE FROM inventory.positions WHERE item_id = :item"), {"item": MUG})

    await run.perform(SYSTEM, lose)
    _, wrong = await rebuilt(run)
    assert [place.place for place in wrong] == [(MUG, STORE)]
    assert await books(run) == (5, 0, 0, 2, 1, 0)


@pytest.mark.usefixtures("busy_shelf")
async def test_only_what_is_asked_for_is_looked_at(run: Run) -> None:
    places = Shop(run)
    await places.place("camden")
    await places.item("MUG-01")
    assert (await rebuild_all(run, location="camden"))[0] == 0
    await places.shelf("camden", "MUG-01", 3)
    assert (await rebuild_all(run, location="camden"))[0] == (await rebuild_all(run, item="MUG-01"))[0] == 1
    assert (await rebuild_all(run))[0] == 3


async def test_expired_holds_are_told_to_those_who_follow_the_stock(run: Run, clock: Clock) -> None:
    await shelf(run, 3)
    await hold(run, 2, minutes=10)
    assert await run.perform(SYSTEM, inventory.expire_holds, limit=10) == 0
    clock.forward(minutes=10)
    assert await run.perform(SYSTEM, inventory.expire_holds, limit=10) == 1
    assert await books(run) == (3, 0, 0, 0, 0, 0)
    async with run.reading() as read:
        events = await read.all(
            text("SELECT payload FROM runtime.events WHERE name = 'inventory.moved' ORDER BY event_id")
        )
    assert events[-1].payload == {"places": [[str(MUG), str(STORE)]], "why": "hold expired"}
