"""Parcels that did not arrive: owned, chosen for, brought back, written off, paid back; each test ends with the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from ambidex.flows.put_away import put_away
from ambidex.flows.watch import sweep
from ambidex.kernel.problem import Problem
from tests.conftest import Clock
from tests.flows.counter import scan
from tests.flows.parcels import Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop, associate


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> AsyncIterator[Sender]:
    """Two mugs and a bowl for Leeds."""
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    yield made
    assert (await audited(shop)).violations == ()


async def test_a_failed_delivery_is_owned_and_tried_again(parcel: Sender, clock: Clock, shop: Shop) -> None:
    await parcel.until_dispatched()
    clock.forward(hours=20)
    assert await parcel.tells("failure") == "applied: package fail delivery"
    assert (await parcel.work()).state == "delivery_failed"
    [trouble] = await parcel.rows("SELECT * FROM watch.exceptions WHERE state = 'open'")
    assert (trouble.kind, trouble.owner_role) == ("delivery-failed", "agent")
    assert trouble.facts["choices"] == ["try-again", "send-again", "bring-back", "lost"]
    assert (await parcel.owner()).role == "agent"
    await parcel.chosen("try_again")
    assert (await parcel.work()).state == "dispatched"
    assert await parcel.rows("SELECT FROM watch.exceptions WHERE state = 'open'") == []
    clock.forward(hours=20)
    assert await parcel.tells("delivered") == "applied: package deliver"
    assert [kind for kind, _ in await shop.said()][-2:] == ["delivery-failed", "delivered"]


async def test_what_comes_back_is_scanned_in_put_away_and_paid_back(
    parcel: Sender, clock: Clock, shop: Shop
) -> None:
    await parcel.until_dispatched()
    clock.forward(hours=20)
    await parcel.tells("return_to_sender")
    assert (await parcel.work()).state == "returned_to_sender"
    assert await parcel.ledger() == {"found": -2, "package": 2}
    kinds = await parcel.rows("SELECT kind FROM watch.exceptions WHERE state = 'open' ORDER BY kind")
    assert [row.kind for row in kinds] == ["parcel-comes-back", "parcel-returned"]
    clock.forward(hours=30)
    # "delivered" is now its arrival at the sender
    assert await parcel.tells("delivered") == "applied: 1 new"
    await parcel.comes_back()
    await parcel.comes_back()
    assert await parcel.ledger() == {"found": -2, "staged": 2}
    assert await parcel.units(1) == {"returned": 2}
    proofs = [scan("MUG-01", key="a"), scan("MUG-01", key="b"), scan("BOWL-02", key="c")]
    await parcel.perform(put_away, proofs=proofs)
    assert await parcel.ledger() == {"found": -2, "sellable": 2}
    await parcel.chosen("pay_back")
    await parcel.chosen("pay_back")
    assert await parcel.money_due() == 3 * 1990
    assert await parcel.owner() is None
    assert await parcel.rows("SELECT FROM tasks.tasks WHERE state <> 'done'") == []
    assert [kind for kind, _ in await shop.said()][-1] == "sent-back"


async def test_what_is_lost_is_written_off_paid_back_and_may_still_arrive(
    parcel: Sender, clock: Clock, shop: Shop
) -> None:
    await parcel.until_dispatched(box({1: 2}), box({2: 1}))
    await parcel.tells("delivered", 2)
    with pytest.raises(Problem) as early:
        await parcel.chosen("pay_back", 1)
    assert early.value.code == "not-to-pay-back"
    await parcel.chosen("lost", 1)
    assert (await parcel.work()).state == "lost"
    assert await parcel.ledger() == {"found": -2, "written_off": 2}
    assert await parcel.money_due() == 2 * 1990
    assert (await parcel.promise("delivered_by")).state == "broken"
    assert [kind for kind, _ in await shop.said()][-1] == "parcel-lost"
    clock.forward(hours=90)
    assert await parcel.tells("delivered", 1) == "applied: package deliver"
    assert (await parcel.work()).state == "delivered"
    assert await parcel.ledger() == {"found": -2, "customer": 2}


async def test_only_who_may_chooses(parcel: Sender, shop: Shop) -> None:
    await parcel.until_dispatched()
    stranger = associate(await shop.place("hackney"), actor_id="tomasz")
    for what in ("try_again", "bring_back", "lost", "pay_back"):
        with pytest.raises(Problem) as refused:
            await parcel.chosen(what, by=stranger)
        assert refused.value.code == "not-allowed"


async def test_a_parcel_that_is_late_fires_and_is_owned_until_it_arrives(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_dispatched()
    [dog] = await parcel.rows("SELECT due_at FROM watch.watchdogs WHERE closed_at IS NULL")
    clock.now = dog.due_at + timedelta(minutes=1)
    for _ in range(6):
        while await sweep(parcel.run):
            pass
        clock.forward(minutes=30)
    assert await parcel.owner() is not None
    [open_dog] = await parcel.rows("SELECT state FROM watch.watchdogs WHERE closed_at IS NULL")
    assert open_dog.state not in {"armed", "due_soon"}
    assert await parcel.tells("delivered") == "applied: package deliver"
    assert await parcel.owner() is None


async def test_a_parcel_comes_back_at_any_place_and_is_put_away_there(
    parcel: Sender, clock: Clock, shop: Shop
) -> None:
    tomasz = associate(await shop.place("hackney"), actor_id="tomasz")
    hackney = shop.places["hackney"].location_id
    await parcel.until_dispatched()
    clock.forward(hours=20)
    await parcel.tells("return_to_sender")
    with pytest.raises(Problem) as refused:
        await parcel.comes_back(at="hackney")
    assert refused.value.code == "not-allowed", "Inès works at Camden"
    await parcel.comes_back(at="hackney", by=tomasz)
    assert (await parcel.package()).back_at == hackney
    assert (await shop.stock("hackney", "MUG-01")).staged == 2
    [task] = await parcel.rows(
        "SELECT location_id FROM tasks.tasks WHERE kind = 'put_away' AND state <> 'done'"
    )
    assert task.location_id == hackney
    at_home = [scan("MUG-01", key="home")]
    with pytest.raises(Problem):
        await parcel.perform(put_away, proofs=at_home)
    there = {"by": tomasz, "location_id": hackney}
    await parcel.perform(put_away, proofs=[scan("MUG-01", key="a"), scan("MUG-01", key="b")], **there)
    assert await parcel.rows("SELECT FROM tasks.tasks WHERE kind = 'put_away' AND state <> 'done'")
    await parcel.perform(put_away, proofs=[scan("BOWL-02", key="c")], **there)
    assert (await shop.stock("hackney", "MUG-01")).sellable == 2
    assert await parcel.ledger() == {"found": -2, "sellable": 2}
    assert await parcel.rows("SELECT FROM tasks.tasks WHERE kind = 'put_away' AND state <> 'done'") == []


async def test_two_parcels_come_back_to_two_places(parcel: Sender, shop: Shop) -> None:
    tomasz = associate(await shop.place("hackney"), actor_id="tomasz")
    await parcel.until_dispatched(box({1: 1}), box({1: 1, 2: 1}))
    await parcel.tells("return_to_sender", 1)
    await parcel.tells("return_to_sender", 2)
    await parcel.comes_back(1, at="hackney", by=tomasz)
    await parcel.comes_back(2)
    with pytest.raises(Problem):
        await parcel.perform(put_away, proofs=[scan("MUG-01", key="x"), scan("MUG-01", key="y")])
    await parcel.perform(put_away, proofs=[scan("MUG-01", key="a"), scan("BOWL-02", key="b")])
    [task] = await parcel.rows(
        "SELECT location_id FROM tasks.tasks WHERE kind = 'put_away' AND state <> 'done'"
    )
    there = {"by": tomasz, "location_id": shop.places["hackney"].location_id}
    assert task.location_id == there["location_id"]
    await parcel.perform(put_away, proofs=[scan("MUG-01", key="c")], **there)
    assert await parcel.rows("SELECT FROM tasks.tasks WHERE kind = 'put_away' AND state <> 'done'") == []


async def test_the_second_box_leaves_although_the_first_is_back_and_put_away(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 1}), box({1: 1, 2: 1}))
    await parcel.label()
    await parcel.dispatch(1)
    await parcel.tells("return_to_sender", 1)
    await parcel.comes_back(1)
    await parcel.perform(put_away, proofs=[scan("MUG-01", key="a")])
    await parcel.dispatch(2)
    assert (await parcel.work()).state == "dispatched"


async def test_a_promise_is_late_by_when_it_happened_not_by_when_we_heard(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_dispatched()
    due_at = (await parcel.promise("delivered_by")).due_at
    package = await parcel.package()
    clock.now = due_at - timedelta(hours=1)
    hook = parcel.carrier.moves(package.tracking_number, "delivered")
    clock.forward(hours=30)
    assert await parcel.hears(hook) == "applied: package deliver"
    kept = await parcel.promise("delivered_by")
    assert (kept.state, kept.closed_at) == ("kept", due_at - timedelta(hours=1))
    [told] = await parcel.rows("SELECT payload FROM runtime.events WHERE name = 'promises.kept'")
    assert told.payload["late_seconds"] == 0


async def test_a_word_about_the_future_is_parked_and_never_wins(parcel: Sender, clock: Clock) -> None:
    await parcel.until_dispatched()
    number = (await parcel.package()).tracking_number
    clock.forward(days=40)
    hook = parcel.carrier.moves(number, "delivered")
    clock.forward(days=-40)
    assert (await parcel.hears(hook)).startswith(
        "parked: The carrier tells of something that has not happened yet"
    )
    assert (await parcel.package()).state == "dispatched"
    assert await parcel.rows("SELECT FROM shipping.scans WHERE status = 'delivered'") == []


async def test_a_word_about_the_future_that_a_carrier_repeats_keeps_nothing_from_arriving(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_dispatched()
    number = (await parcel.package()).tracking_number
    hook = parcel.carrier.moves(number, "failure", at=clock() + timedelta(days=400))
    assert (await parcel.hears(hook)).startswith("parked")
    clock.forward(hours=20)
    assert await parcel.tells("delivered") == "applied: package deliver"
    assert (await parcel.package()).state == "delivered"
    assert await parcel.rows("SELECT FROM shipping.scans WHERE status = 'failure'") == []


async def test_what_was_delivered_and_comes_back_is_somebodys_work(
    parcel: Sender, clock: Clock, shop: Shop
) -> None:
    await parcel.until_dispatched()
    clock.forward(hours=20)
    await parcel.tells("delivered")
    clock.forward(hours=20)
    assert await parcel.tells("return_to_sender") == "applied: 1 new: it comes back although it was delivered"
    assert (await parcel.package()).state == "delivered"
    await parcel.rows("UPDATE messages.messages SET state = 'sending' WHERE kind = 'delivered' RETURNING 1")
    [asked] = await parcel.rows("SELECT kind, owner_role FROM watch.exceptions WHERE state = 'open'")
    assert (asked.kind, asked.owner_role) == ("parcel-back-after-delivery", "agent")
    await parcel.comes_back()
    assert await parcel.units(1) == {"returned": 2}
    assert await parcel.ledger() == {"found": -2, "staged": 2}
    [asked] = await parcel.rows("SELECT kind FROM watch.exceptions WHERE state = 'open'")
    assert asked.kind == "parcel-returned"
    await parcel.chosen("pay_back")
    assert await parcel.money_due() == 3 * 1990
    assert await parcel.rows("SELECT FROM watch.exceptions WHERE state = 'open'") == []
