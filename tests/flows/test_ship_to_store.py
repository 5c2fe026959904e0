"""Ship to store: the customer has it sent to where they collect; a unit scanned in is theirs again at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from ambidex.domains import orders, routing
from ambidex.domains.identity import Role
from ambidex.domains.locations import LocationKind
from ambidex.flows.cancel import cancel
from ambidex.flows.choose_option import choose
from ambidex.flows.late_deliveries import sweep
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.replay_routing import differing
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import audit
from ambidex.runtime.reactions import settle
from tests.apps import SECRET_KEY
from tests.conftest import Clock
from tests.flows.counter import CUSTOMER, Counter, counter, scan
from tests.flows.transfers import Road, unit, units
from tests.shop import Shop
from tests.web.floor import on_the_floor


@pytest.fixture(autouse=True)
async def _audited(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test did, the invariants hold at its end."""
    yield
    await settle(shop.run, [])
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


async def nothing_here(shop: Shop, *, there: int = 5) -> Counter:
    """Two mugs were sold at Camden and are not there; the warehouse has some, which nobody can collect."""
    await shop.place("harbor", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    at = await counter(shop, stock=2, mug_01=2)
    await shop.shelf("harbor", "MUG-01", there)
    await at.accept()
    await at.miss(2)
    return at


async def choose_sent(at: Counter) -> Any:
    question = await at.promise("answer_by")
    await at.run.perform(
        CUSTOMER, choose, order_id=at.order_id, promise_no=question.promise_no, option="send:harbor"
    )
    [row] = await at.rows("SELECT delivery_id, reference FROM transfers.deliveries")
    return Sent(str(row.delivery_id), row.reference)


class Sent:
    """A transfer as the tests name it."""

    def __init__(self, delivery_id: str, reference: str) -> None:
        self.id, self.reference = delivery_id, reference


async def test_what_a_warehouse_has_can_be_sent_here(shop: Shop) -> None:
    at = await nothing_here(shop)
    question = await at.promise("answer_by")
    assert [o["key"] for o in question.facts["options"]] == ["send:harbor", "wait", "cancel"]
    assert (await shop.stock("harbor", "MUG-01")).held == 2


async def test_it_is_sent_scanned_in_and_becomes_ready_by_the_usual_way(shop: Shop) -> None:
    at = await nothing_here(shop)
    road = Road(shop)
    sent = await choose_sent(at)
    assert await at.units() == {"backordered": 2}
    assert (await at.owner()).role == "lead"
    assert (await at.promise("ready_by", work_no=0)).state == "made"
    assert (await shop.stock("harbor", "MUG-01")).held == 2
    async with on_the_floor(shop, role=Role.AGENT, place=None) as floor:
        page = await floor.page(orders.customer_link(bytes.fromhex(SECRET_KEY), at.order_id, 1))
    assert "Collect at Camden, ready by" in page
    assert "Harbor sends it there for you." in page
    assert "still missing" not in page
    await road.pick(sent, *units(2))
    await road.send(sent)
    await settle(shop.run, REACTIONS)
    await road.receive(sent, *units(2))
    await road.finish(sent)
    assert await at.units() == {"reserved": 2}
    assert (await shop.stock("camden", "MUG-01")).reserved == 2
    assert (await at.promise("ready_by", work_no=0)).state == "released"
    await settle(shop.run, REACTIONS)
    await at.accept(work_no=2)
    await at.pick(scan(), scan(), work_no=2)
    await at.stage(work_no=2)
    assert (await at.ready(work_no=2)).state.value == "ready"
    assert await road.in_transit(sent.reference) == 0


async def test_what_does_not_arrive_is_asked_about_again(shop: Shop) -> None:
    at = await nothing_here(shop, there=3)
    road = Road(shop)
    sent = await choose_sent(at)
    await road.pick(sent, *units(2))
    await road.send(sent)
    await road.receive(sent, unit())
    await road.finish(sent)
    assert await at.units() == {"reserved": 1, "short": 1}
    assert (await at.promise("ready_by", work_no=0)).state == "broken"
    question = await at.promise("answer_by", work_no=0)
    assert question.state == "made"
    assert "A part of it arrived" in question.facts["cause_words"]
    assert [o["key"] for o in question.facts["options"]] == ["send:harbor", "wait", "cancel"]


async def test_another_store_that_has_it_is_named_for_both(shop: Shop) -> None:
    at = await counter(shop, stock=2, mug_01=2)
    await shop.shelf("harbor", "MUG-01", 2)
    await at.accept()
    await at.miss(2)
    question = await at.promise("answer_by")
    keys = [o["key"] for o in question.facts["options"]]
    assert keys == ["place:harbor", "send:harbor", "wait", "cancel"]
    assert (await shop.stock("harbor", "MUG-01")).held == 2, "one hold serves both choices"
    await choose_sent(at)
    assert (await shop.stock("harbor", "MUG-01")).held == 2


async def test_a_canceled_order_calls_its_transfer_off(shop: Shop) -> None:
    at = await nothing_here(shop)
    road = Road(shop)
    await choose_sent(at)
    await shop.run.perform(SYSTEM, cancel, at.order_id, reason="found it elsewhere")
    await settle(shop.run, REACTIONS)
    assert (await shop.stock("harbor", "MUG-01")).held == 0
    [row] = await at.rows("SELECT state FROM transfers.deliveries")
    assert row.state == "canceled"
    assert (await at.promise("ready_by", work_no=0)).state == "released"
    assert not [task for task in await road.open_tasks() if task.startswith("Pick and send")]


async def test_canceled_on_the_road_it_fills_the_shelf(shop: Shop) -> None:
    at = await nothing_here(shop)
    road = Road(shop)
    sent = await choose_sent(at)
    await road.pick(sent, *units(2))
    await road.send(sent)
    await shop.run.perform(SYSTEM, cancel, at.order_id, reason="found it elsewhere")
    await settle(shop.run, REACTIONS)
    await road.receive(sent, *units(2))
    assert (await road.finish(sent)).state.value == "received"
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.reserved) == (2, 0)


async def test_late_once_is_a_new_time_late_twice_is_a_choice(shop: Shop, clock: Clock) -> None:
    at = await nothing_here(shop)
    sent = await choose_sent(at)
    promised = await at.promise("ready_by", work_no=0)
    clock.now = promised.due_at
    assert await sweep(shop.run) == 1
    again = await at.promise("ready_by", work_no=0)
    assert again.due_at > promised.due_at
    assert ("late", "queued") in await shop.said()
    await settle(shop.run, REACTIONS)
    road = Road(shop)
    await road.redate(sent, clock.now + timedelta(hours=20))
    clock.forward(hours=21)
    assert await sweep(shop.run) == 1
    assert (await at.promise("answer_by", work_no=0)).state == "made"
    assert await at.units() == {"short": 2}


async def test_why_that_place_sends_it_is_kept_and_comes_out_again(shop: Shop) -> None:
    """The cheapest of those that have all of it; who could never send it is named with the reason."""
    await shop.place("depot", kind=LocationKind.WAREHOUSE, latitude=55.9, longitude=-3.2)
    await shop.place("never", kind=LocationKind.WAREHOUSE, week={})
    for place in ("depot", "never"):
        await shop.shelf(place, "MUG-01", 5)
    at = await nothing_here(shop)
    async with shop.run.reading() as read:
        [kept] = await routing.ask.receipts(read, at.order_id)
        policies = await routing.ask.policies(read, [(kept.brand, kept.version)])
    receipt = routing.stored.receipt_of(kept.receipt)
    question = await at.promise("answer_by")
    [chosen] = [part.site for part in receipt.chosen.parts]
    assert kept.cause == "to_store"
    assert question.facts["options"][0]["key"] == f"send:{chosen}"
    assert receipt.runner_up is not None
    assert {part.site for part in receipt.runner_up.parts} | {chosen} == {"depot", "harbor"}
    assert receipt.out["it would never lie ready there"] == ("never",)
    assert differing([kept], policies) == []


async def test_it_is_one_click_from_the_order(shop: Shop) -> None:
    at = await nothing_here(shop)
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert f'href="/orders/{at.order_id}/receipt"' in await floor.markup(f"/orders/{at.order_id}")
        page = await floor.page(f"/orders/{at.order_id}/receipt")
    assert "It is sent to where it is collected, as it lies at another place" in page
    assert "Harbor" in page
