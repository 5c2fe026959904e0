"""Goods on their way: the shelf of the sender, the road, the shelf of the receiver, and what differs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains.transfers import Outcome
from ambidex.flows.deliveries import Asked, Found
from ambidex.flows.inbound_goods import NewInbound, cancel_inbound, put_inbound
from ambidex.flows.late_deliveries import redate, sweep
from ambidex.flows.receive_goods import Explained, SenderAnswers, explain, finish_receiving, receive_goods
from ambidex.flows.transfer_goods import cancel_transfer, decline_transfer
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import BadInput, NotAllowed, Problem
from ambidex.reads.audit import audit
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.transfers import Road, unit, units
from tests.shop import Shop, associate


@pytest.fixture(autouse=True)
async def _audited(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test did, the invariants hold at its end."""
    yield
    await settle(shop.run, [])
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


@pytest.fixture
async def road(shop: Shop) -> Road:
    """Harbor has ten mugs, Camden none."""
    await shop.shelf("camden", "MUG-01", 0)
    await shop.shelf("harbor", "MUG-01", 10)
    return Road(shop)


async def test_units_leave_one_shelf_and_lie_on_the_other(road: Road, shop: Shop) -> None:
    asked = await road.ask(mug_01=3)
    assert asked.state.value == "requested"
    assert await road.open_tasks() == ["Camden asks for 3 units: approve or decline"]
    await road.approve(asked)
    assert (await shop.stock("harbor", "MUG-01")).held == 3
    await road.pick(asked, *units(3))
    sent = await road.send(asked, packages=2)
    assert sent.packages == (f"{sent.reference}-1", f"{sent.reference}-2")
    harbor = await shop.stock("harbor", "MUG-01")
    assert (harbor.sellable, harbor.held) == (7, 0)
    assert await road.in_transit(sent.reference) == 3
    assert (await shop.stock("camden", "MUG-01")).sellable == 0
    await road.receive(sent, *units(3))
    assert (await shop.stock("camden", "MUG-01")).sellable == 0, "the shelf hears it at the end"
    done = await road.finish(sent)
    assert done.state.value == "received"
    assert (await shop.stock("camden", "MUG-01")).sellable == 3
    assert await road.in_transit(sent.reference) == 0
    assert await road.open_tasks() == []


async def test_what_is_kept_for_a_transfer_is_nobody_elses(road: Road, shop: Shop) -> None:
    asked = await road.ask(mug_01=8)
    await road.approve(asked)
    other = await road.ask(mug_01=3)
    with pytest.raises(Problem) as refused:
        await road.approve(other)
    assert refused.value.code == "not-enough"
    await shop.run.perform(road.receiver, cancel_transfer, delivery=asked.id, reason="not needed")
    assert (await shop.stock("harbor", "MUG-01")).held == 0
    await road.approve(other)


async def test_a_scan_sent_twice_changes_nothing(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(2)
    first = unit(key="scan-1")
    await road.receive(sent, first)
    await road.receive(sent, first)
    await road.receive(sent, unit(key="scan-2"))
    await road.finish(sent)
    await road.finish(sent)
    assert (await shop.stock("camden", "MUG-01")).sellable == 2


async def test_a_key_names_one_scan(road: Road, shop: Shop) -> None:
    await shop.shelf("harbor", "CUP-02", 3)
    sent = await road.on_the_road(2)
    await road.receive(sent, unit(key="scan-1"))
    with pytest.raises(Problem) as refused:
        await road.receive(sent, unit("CUP-02", key="scan-1"))
    assert refused.value.code == "parcel-key-reused"


async def test_a_colleague_goes_on_where_another_stopped(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(3)
    await road.receive(sent, *units(1))
    await road.receive(sent, *units(2), by=associate(shop.places["camden"], "Mai Đặng", actor_id="mai"))
    assert (await road.finish(sent)).state.value == "received"


async def test_too_few_is_owned_and_explained_unit_by_unit(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(4)
    await road.receive(sent, *units(1))
    partly = await road.finish(sent)
    assert partly.state.value == "partly_received"
    assert await road.in_transit(sent.reference) == 3
    assert await road.open_tasks() == [f"Find out why {sent.reference} differs"]
    for outcome in (Outcome.ARRIVED, Outcome.NEVER_SENT, Outcome.LOST):
        partly = await shop.run.perform(
            road.receiver, explain, delivery=sent.id, explained=Explained(1, 1, outcome, "looked again")
        )
    assert partly.state.value == "received"
    assert await road.in_transit(sent.reference) == 0
    assert await road.open_tasks() == []
    assert (await shop.stock("camden", "MUG-01")).sellable == 2
    assert (await shop.stock("harbor", "MUG-01")).sellable == 7


async def test_more_than_was_sent_is_found_and_the_sender_is_put_right(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(2)
    await road.receive(sent, *units(3))
    assert (await road.finish(sent)).state.value == "partly_received"
    assert (await shop.stock("camden", "MUG-01")).sellable == 3
    ours = f"Find out why {sent.reference} differs"
    assert sorted(await road.open_tasks()) == ["Did you send too many to Camden?", ours]
    told = Explained(1, 1, Outcome.SENT_TOO_MANY, "Harbor's shelf has one less")
    with pytest.raises(SenderAnswers):
        await shop.run.perform(road.receiver, explain, delivery=sent.id, explained=told)
    assert (await shop.stock("harbor", "MUG-01")).sellable == 8, "nobody at Harbor was asked"
    done = await shop.run.perform(road.sender, explain, delivery=sent.id, explained=told)
    assert (await shop.stock("harbor", "MUG-01")).sellable == 7
    assert done.state.value == "received"
    assert await road.open_tasks() == []


async def test_the_sender_did_not_send_them_so_they_stay(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(2)
    await road.receive(sent, *units(3))
    await road.finish(sent)
    told = Explained(1, 1, Outcome.KEPT, "counted twice, none is missing")
    await shop.run.perform(road.sender, explain, delivery=sent.id, explained=told)
    assert await road.open_tasks() == []
    shelves = [(await shop.stock(place, "MUG-01")).sellable for place in ("harbor", "camden")]
    assert shelves == [8, 3]


async def test_the_sender_says_nothing_of_what_did_not_arrive(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(2)
    await road.receive(sent, *units(1))
    await road.finish(sent)
    assert await road.open_tasks() == [f"Find out why {sent.reference} differs"]
    lost = Explained(1, 1, Outcome.LOST, "it left here")
    with pytest.raises(NotAllowed):
        await shop.run.perform(road.sender, explain, delivery=sent.id, explained=lost)


async def test_damaged_units_and_strangers_are_received_as_what_they_are(road: Road, shop: Shop) -> None:
    await shop.item("CUP-02")
    sent = await road.on_the_road(2)
    await road.receive(sent, unit(), unit(damaged="the handle is off"), unit("CUP-02"))
    partly = await road.finish(sent)
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.damaged) == (1, 1)
    assert (await shop.stock("camden", "CUP-02")).sellable == 1
    assert [line.variance for line in partly.lines] == [0, 1]
    assert partly.state.value == "partly_received"


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (Found(Proof(EvidenceKind.SCAN, "B-MUG-01", quantity=2)), "parcel-one-scan-one-unit"),
        (Found(Proof(EvidenceKind.SCAN, "B-NOBODY")), "parcel-unknown-barcode"),
        (Found(Proof(EvidenceKind.TYPED, "B-MUG-01")), "parcel-needs-reason"),
        (unit("CUP-02"), "not-asked-for"),
    ],
)
async def test_what_a_parcel_refuses(road: Road, shop: Shop, found: Found, code: str) -> None:
    await shop.item("CUP-02")
    asked = await road.ask(mug_01=2)
    await road.approve(asked)
    with pytest.raises(Problem) as refused:
        await road.pick(asked, found)
    assert refused.value.code == code


async def test_no_more_than_asked_goes_into_the_parcel_and_nothing_is_not_sent(road: Road) -> None:
    asked = await road.ask(mug_01=1)
    with pytest.raises(Problem):
        await road.pick(asked, *units(1))
    await road.approve(asked)
    with pytest.raises(Problem):
        await road.send(asked)
    with pytest.raises(Problem) as refused:
        await road.pick(asked, *units(2))
    assert refused.value.code == "parcel-over-scan"


async def test_counted_scans_are_a_policy_of_the_item(road: Road, shop: Shop) -> None:
    await shop.item("SCREW-9", counted_scans=True)
    await shop.shelf("harbor", "SCREW-9", 500)
    asked = await road.ask(screw_9=200)
    await road.approve(asked)
    await road.pick(asked, unit("SCREW-9", quantity=200))
    sent = await road.send(asked)
    await road.receive(sent, unit("SCREW-9", quantity=200))
    assert (await road.finish(sent)).state.value == "received"


async def test_only_people_of_the_place_act(road: Road, shop: Shop) -> None:
    asked = await road.ask(mug_01=1)
    with pytest.raises(NotAllowed):
        await shop.run.perform(road.receiver, decline_transfer, delivery=asked.id, reason="no")
    with pytest.raises(NotAllowed):
        await road.receive(asked, unit(), by=road.sender)


async def test_a_systems_word_is_no_scan(road: Road, shop: Shop) -> None:
    sent = await road.on_the_road(1)
    with pytest.raises(Problem) as refused:
        await road.receive(sent, unit(), by=SYSTEM)
    assert refused.value.code == "parcel-no-witness"


async def test_inbound_goods_are_announced_changed_and_received(road: Road, shop: Shop, clock: Clock) -> None:
    new = NewInbound("PO-77", "camden", [Asked("MUG-01", 4)], clock.now + timedelta(days=3), "Høj Keramik")
    announced, is_new = await shop.run.perform(SYSTEM, put_inbound, new)
    assert is_new
    again, is_new = await shop.run.perform(SYSTEM, put_inbound, new)
    assert (is_new, again.version) == (False, announced.version)
    later = NewInbound("PO-77", "camden", [Asked("MUG-01", 5)], clock.now + timedelta(days=6), "Høj Keramik")
    changed, _ = await shop.run.perform(SYSTEM, put_inbound, later)
    assert changed.lines[0].asked == 5
    assert "transfers.redated" in await shop.happened()
    await shop.run.perform(road.receiver, receive_goods, delivery="PO-77", found=units(5))
    done = await shop.run.perform(road.receiver, finish_receiving, delivery="PO-77")
    assert done.state.value == "received"
    assert (await shop.stock("camden", "MUG-01")).sellable == 5
    with pytest.raises(Problem) as refused:
        await shop.run.perform(SYSTEM, put_inbound, new)
    assert refused.value.code == "already-received"


async def test_inbound_that_does_not_come_is_noticed_once_for_each_date(
    road: Road, shop: Shop, clock: Clock
) -> None:
    new = NewInbound("PO-78", "camden", [Asked("MUG-01", 4)], clock.now + timedelta(hours=2))
    await shop.run.perform(SYSTEM, put_inbound, new)
    assert await sweep(shop.run) == 0
    clock.forward(hours=3)
    assert await sweep(shop.run) == 1
    assert await sweep(shop.run) == 0
    assert await road.open_tasks() == ["Find out when PO-78 comes"]
    with pytest.raises(BadInput):
        await shop.run.perform(
            road.receiver, redate, delivery="PO-78", expected_at=clock.now, reason="customs"
        )
    there = clock.now + timedelta(hours=1)
    await shop.run.perform(road.receiver, redate, delivery="PO-78", expected_at=there, reason="customs")
    assert await road.open_tasks() == []
    clock.forward(hours=2)
    assert await sweep(shop.run) == 1
    await shop.run.perform(SYSTEM, cancel_inbound, reference="PO-78", reason="never made")
    assert await road.open_tasks() == []


async def test_a_late_delivery_that_cannot_be_looked_at_holds_up_no_other(shop: Shop) -> None:
    for place in ("harbor", "camden", "leith"):
        await shop.shelf(place, "MUG-01", 5)
    broken, sound = await Road(shop).on_the_road(1), await Road(shop, to="leith").on_the_road(1)
    async with shop.run.reading() as read:
        for sent, hours in ((broken, 2), (sound, 1)):
            late = text(
                "UPDATE transfers.deliveries SET expected_at = :at WHERE delivery_id = CAST(:id AS uuid)"
            )
            await read.connection.execute(late, {"at": read.now - timedelta(hours=hours), "id": sent.id})
        await read.connection.execute(
            text("UPDATE locations.locations SET time_zone = 'Nowhere/Here' WHERE code = 'camden'")
        )
    assert await sweep(shop.run, at_once=1) == 1
    assert f"Find out when {sound.reference} comes" in await Road(shop).open_tasks()
    async with shop.run.reading() as read:
        await read.connection.execute(
            text("UPDATE locations.locations SET time_zone = 'Europe/London' WHERE code = 'camden'")
        )
    assert await sweep(shop.run, at_once=1) == 1, "it was tried again"
