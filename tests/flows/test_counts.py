"""Counts as people make them: blind, by another person, decided by a lead; booked as of the moment of counting."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import counting
from ambidex.domains.counting import CountKind, CountState, Policy, Tolerance
from ambidex.domains.counting.problems import BadPolicy, CountKeyReused, OwnCount
from ambidex.flows.count_shelf import Shelf, ShelfCounted, begin_count, count_here, count_shelf
from ambidex.flows.count_stock import count_stock
from ambidex.flows.decide_count import approve_count, cancel_count, reject_count
from ambidex.flows.need_count import ask_for_counts, need_count
from ambidex.kernel.actor import SYSTEM, Actor, Permission
from ambidex.kernel.problem import NotAllowed
from ambidex.reads import counts as views
from ambidex.reads.next_counts import next_counts
from ambidex.runtime.db import Tx
from ambidex.runtime.refusals import RefusedByDatabase
from tests.conftest import NOON, Clock
from tests.flows.counter import counter
from tests.shop import Shop, associate


@pytest.fixture
async def camden(shop: Shop) -> Shop:
    """Ten mugs at 19.90 lie at Camden."""
    await shop.shelf("camden", "MUG-01", 10)
    return shop


def person(shop: Shop, name: str, *, lead: bool = False) -> Actor:
    """Somebody of Camden who may count; a lead may decide too."""
    one = associate(shop.places["camden"], name, actor_id=name)
    return one if lead else replace(one, permissions=one.permissions - {Permission.STOCK_APPROVE})


async def count(shop: Shop, name: str, units: int, **more: Any) -> ShelfCounted:
    lead = more.pop("lead", False)
    shelf = Shelf("camden", more.pop("item", "MUG-01"), units, **more)
    return await shop.run.perform(person(shop, name, lead=lead), count_shelf, shelf)


async def rows(shop: Shop, statement: str) -> list[Any]:
    async with shop.run.reading() as read:
        return list(await read.all(text(statement)))


async def open_tasks(shop: Shop) -> list[tuple[str, str]]:
    found = await rows(
        shop, "SELECT title, role FROM tasks.tasks WHERE state = 'pooled' ORDER BY opened_at, title"
    )
    return [(row.title, row.role) for row in found]


async def test_near_the_book_is_booked_at_once(camden: Shop) -> None:
    outcome = await count(camden, "Inès", 9)
    assert outcome.count is not None
    assert (outcome.count.state, outcome.booked and outcome.booked.before) == (CountState.COUNTED, 10)
    assert (await camden.stock("camden", "MUG-01")).sellable == 9


async def test_far_from_the_book_another_person_counts(camden: Shop) -> None:
    first = await count(camden, "Inès", 5)
    assert first.count is not None
    assert first.count.state is CountState.RECOUNT
    assert (await camden.stock("camden", "MUG-01")).sellable == 10, "nothing is booked yet"
    assert await open_tasks(camden) == [("Count again Mug 01", "associate")]
    with pytest.raises(OwnCount):
        await count(camden, "Inès", 5)
    second = await count(camden, "Matteo", 5)
    assert second.count is not None
    assert second.count.state is CountState.COUNTED
    assert (await camden.stock("camden", "MUG-01")).sellable == 5
    assert await open_tasks(camden) == []


async def referred(shop: Shop) -> UUID:
    """Inès and Matteo disagree."""
    await count(shop, "Inès", 5)
    second = await count(shop, "Matteo", 3)
    assert second.count is not None
    assert second.count.state is CountState.TO_APPROVE
    return second.count.count_id


async def test_two_people_who_disagree_are_decided_by_a_lead(camden: Shop) -> None:
    count_id = await referred(camden)
    assert await open_tasks(camden) == [("Decide the count of Mug 01", "lead")]
    with pytest.raises(NotAllowed):
        await camden.run.perform(person(camden, "Yuki"), approve_count, count_id=count_id)
    decided = await camden.run.perform(person(camden, "Awa", lead=True), approve_count, count_id=count_id)
    assert decided.count is not None
    assert decided.count.state is CountState.APPROVED
    assert (await camden.stock("camden", "MUG-01")).sellable == 3
    assert await open_tasks(camden) == []


async def test_a_lead_never_decides_what_they_counted(camden: Shop) -> None:
    count_id = await referred(camden)
    own = person(camden, "Matteo", lead=True)
    with pytest.raises(OwnCount):
        await camden.run.perform(own, approve_count, count_id=count_id)
    for decide in (reject_count, cancel_count):
        with pytest.raises(OwnCount):
            await camden.run.perform(own, decide, count_id=count_id, why="mine")
    with pytest.raises(OwnCount):
        await camden.run.perform(own, count_stock, location="camden", item="MUG-01", counted=3)


async def test_what_is_rejected_is_counted_from_the_beginning(camden: Shop) -> None:
    count_id = await referred(camden)
    rejected = await camden.run.perform(
        person(camden, "Awa", lead=True), reject_count, count_id=count_id, why="the back room was left out"
    )
    assert rejected.state is CountState.REJECTED
    assert (await camden.stock("camden", "MUG-01")).sellable == 10
    assert await open_tasks(camden) == [("Count Mug 01", "associate")]
    assert (await count(camden, "Inès", 10)).booked is not None, "a new count, so everybody may count again"


@pytest.mark.parametrize(
    ("forged", "protects"),
    [
        ("UPDATE counting.counts SET state = 'approved', decided_by = 'Matteo'", "decided_by_another"),
        (
            """INSERT INTO counting.entries SELECT item_id, count_id, entry_no + 5, counted, expected, counted_by,
               '', '', '', happened_at, recorded_at FROM counting.entries""",
            "another_person",
        ),
        ("UPDATE counting.entries SET counted = 10", ""),
        ("DELETE FROM counting.entries", ""),
    ],
)
async def test_the_database_itself_refuses_who_counted_it(camden: Shop, forged: str, protects: str) -> None:
    await referred(camden)
    with pytest.raises(RefusedByDatabase) as refused:
        await camden.run.perform(SYSTEM, _forge, forged)
    assert refused.value.facts["constraint"] == protects


async def _forge(tx: Tx, statement: str) -> None:
    await tx.run(text(statement))


async def test_what_moves_between_two_counts_is_no_difference(camden: Shop, clock: Clock) -> None:
    at = await counter(camden, stock=10, mug_01=1)
    clock.forward(minutes=1)
    await count(camden, "Inès", 4)
    clock.forward(minutes=1)
    await at.until_ready()
    clock.forward(minutes=10)
    second = await count(camden, "Matteo", 3)
    assert second.count is not None
    assert second.count.state is CountState.COUNTED, "one unit was staged between them: they agree"
    assert (await camden.stock("camden", "MUG-01")).sellable == 3


async def test_what_moves_between_counting_and_deciding_is_not_lost(camden: Shop, clock: Clock) -> None:
    at = await counter(camden, stock=10, mug_01=1)
    clock.forward(minutes=1)
    await count(camden, "Inès", 5)
    second = await count(camden, "Matteo", 4, happened_at=clock.now)
    assert second.count is not None
    clock.forward(minutes=1)
    await at.until_ready()
    clock.forward(minutes=20)
    lead = person(camden, "Awa", lead=True)
    await camden.run.perform(lead, approve_count, count_id=second.count.count_id)
    shelf = await camden.stock("camden", "MUG-01")
    assert (shelf.sellable, shelf.staged) == (3, 1), "four lay there, then one was staged"


async def test_a_key_sent_again_changes_nothing(camden: Shop) -> None:
    first = await count(camden, "Inès", 9, key="a-key-of-a-device")
    again = await count(camden, "Inès", 9, key="a-key-of-a-device")
    assert first.count is not None
    assert again.count is not None
    assert (again.count.count_id, again.booked) == (first.count.count_id, None)
    assert len(await rows(camden, "SELECT 1 FROM counting.entries")) == 1
    with pytest.raises(CountKeyReused):
        await count(camden, "Inès", 8, key="a-key-of-a-device")


async def test_what_the_book_does_not_know_is_believed(camden: Shop) -> None:
    await camden.item("SPOON-07")
    outcome = await count(camden, "Inès", 500, item="SPOON-07")
    assert outcome.count is not None
    assert outcome.count.state is CountState.COUNTED


async def test_who_counts_sees_no_book(camden: Shop) -> None:
    await count(camden, "Inès", 5)
    [row] = await rows(camden, "SELECT count_id FROM counting.counts")
    async with camden.run.reading() as read:
        for name in ("Inès", "Matteo"):
            view = await views.one(read, person(camden, name, lead=True), row.count_id)
            assert (view.counted, view.expected, view.entered) == (None, None, [])
            assert view.may_count is (name == "Matteo")
    await count(camden, "Matteo", 5)
    async with camden.run.reading() as read:
        view = await views.one(read, person(camden, "Inès"), row.count_id)
        assert (view.counted, view.expected, view.entered) == (5, 10, [5, 5])


async def test_asked_twice_one_count_waits(camden: Shop) -> None:
    item, place = camden.items["MUG-01"], camden.places["camden"]
    first = await camden.run.perform(SYSTEM, need_count, place, item, kind=CountKind.DRIFT)
    again = await camden.run.perform(SYSTEM, need_count, place, item, kind=CountKind.SHORT_PICK)
    assert first == again
    begun = await camden.run.perform(person(camden, "Inès"), begin_count, location="camden", item="B-MUG-01")
    assert (begun.count_id, begun.state, begun.kind) == (first, CountState.COUNTING, CountKind.DRIFT)
    assert len(await open_tasks(camden)) == 1


async def test_a_lead_asks_for_counts(camden: Shop) -> None:
    lead = person(camden, "Awa", lead=True)
    with pytest.raises(NotAllowed):
        await camden.run.perform(person(camden, "Inès"), ask_for_counts, location="camden", items=["MUG-01"])
    await camden.run.perform(lead, ask_for_counts, location="camden", items=["MUG-01", "MUG-01"])
    [row] = await rows(camden, "SELECT kind, state FROM counting.counts")
    assert tuple(row) == ("directed", "open")


async def test_an_authoritative_count_answers_what_waits(camden: Shop) -> None:
    await count(camden, "Inès", 5)
    outcome = await camden.run.perform(
        person(camden, "Awa", lead=True),
        count_here,
        location="camden",
        item="MUG-01",
        counted=6,
        cause="count",
    )
    assert outcome.booked is not None
    assert (outcome.booked.before, outcome.booked.counted) == (10, 6)
    assert [tuple(r) for r in await rows(camden, "SELECT state, counted FROM counting.counts")] == [
        ("counted", 6)
    ]
    assert await open_tasks(camden) == []


async def test_a_place_has_limits_of_its_own(camden: Shop) -> None:
    place = camden.places["camden"]
    wide = Policy(Tolerance(units=6, value_minor=None), Tolerance(units=20, value_minor=None))
    await camden.run.perform(SYSTEM, counting.put_policy, place.location_id, wide)
    outcome = await count(camden, "Inès", 4)
    assert outcome.count is not None
    assert outcome.count.state is CountState.COUNTED
    turned = Policy(Tolerance(units=6, value_minor=None), Tolerance(units=2, value_minor=None))
    with pytest.raises(BadPolicy):
        await camden.run.perform(SYSTEM, counting.put_policy, place.location_id, turned)


async def test_next_is_what_protects_promises(camden: Shop, clock: Clock) -> None:
    await counter(camden, mug_01=2)
    for sku in ("BOWL-02", "TRAY-03"):
        await camden.shelf("camden", sku, 30)
    clock.now = NOON + timedelta(days=41)
    await camden.shelf("camden", "TRAY-03", 30)
    clock.forward(days=1)
    async with camden.run.reading() as read:
        found = await next_counts(read, camden.places["camden"])
        assert read.statements == 1, "one look at everything"
    assert [one.row.sku for one in found] == ["MUG-01", "BOWL-02", "TRAY-03"]
    said = [(r.code, r.number) for r in found[0].reasons]
    assert said[0] == ("customers-today", 1)
    assert ("counted-days-ago", 41) in said


async def test_what_was_not_found_is_found_by_a_count_made_offline(camden: Shop, clock: Clock) -> None:
    at = await counter(camden, stock=5, mug_01=2)
    clock.forward(minutes=1)
    await at.accept()
    await at.miss(quantity=2)
    clock.forward(minutes=30)
    counted_at = clock.now
    clock.forward(minutes=30)
    outcome = await count(camden, "Inès", 4, happened_at=counted_at)
    assert outcome.count is not None
    assert (outcome.count.kind, outcome.count.state) == (CountKind.SHORT_PICK, CountState.COUNTED)
    shelf = await camden.stock("camden", "MUG-01")
    assert (shelf.sellable, shelf.suspect) == (4, 0)
