"""What is sent, from picked to delivered: through the doors, with the carrier's double, ending with the live audit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from ambidex.domains import shipping
from ambidex.flows import label
from ambidex.flows.cancel import cancel
from ambidex.flows.carrier_port import CARRIERS
from ambidex.flows.dispatch import dispatch
from ambidex.flows.pack import pack, unpack
from ambidex.flows.put_away import put_away
from ambidex.flows.refuse_work import refuse_work
from ambidex.integrations.easypost import signature
from ambidex.integrations.fake.carrier import TrackerHook
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import Problem
from tests.conftest import Clock
from tests.flows.counter import counter, scan
from tests.flows.parcels import HOME, SECRET, Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop, associate


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> AsyncIterator[Sender]:
    """Two mugs and a bowl for Leeds."""
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    yield made
    assert (await audited(shop)).violations == ()


async def test_from_picked_to_delivered_in_two_packages(parcel: Sender, clock: Clock, shop: Shop) -> None:
    await parcel.until_picked()
    packed = await parcel.pack(box({1: 1}), box({1: 1, 2: 1}, grams=1_250))
    assert packed.work.state == "packed"
    assert await parcel.units(1) == {"packed": 2}
    first, second = await parcel.label()
    assert first.tracking_number != second.tracking_number
    assert (await parcel.dispatch(1)).work.state == "packed"
    assert await parcel.ledger() == {"found": -2, "package": 1, "staged": 1}
    assert (await parcel.dispatch(2)).work.state == "dispatched"
    assert await parcel.ledger() == {"found": -2, "package": 2}
    assert await parcel.dogs() == ["deliver"]

    clock.forward(hours=20)
    assert await parcel.tells("in_transit") == "applied: 2 new"
    assert await parcel.tells("delivered", 1) == "applied: package deliver"
    assert (await parcel.work()).state == "dispatched"
    assert await parcel.tells("delivered", 2) == "applied: package deliver"

    assert (await parcel.work()).state == "delivered"
    assert await parcel.ledger() == {"found": -2, "customer": 2}
    assert (await parcel.promise("delivered_by")).state == "kept"
    assert await parcel.dogs() == []
    assert [kind for kind, _ in await shop.said()] == [
        "confirmed", "shipped", "shipped", "delivered", "delivered",
    ]  # fmt: skip
    assert await parcel.tellings() == ["shipped", "shipped"]
    [order] = await parcel.rows("SELECT state FROM orders.orders")
    assert order.state == "closed"


async def test_a_package_holds_what_was_picked_and_nothing_twice(parcel: Sender) -> None:
    await parcel.accept()
    with pytest.raises(Problem) as nothing:
        await parcel.pack(box({1: 1}))
    assert nothing.value.code == "nothing-to-pack"
    await parcel.pick(scan("MUG-01"), scan("MUG-01"))
    with pytest.raises(Problem) as early:
        await parcel.pack(box({2: 1}))
    assert early.value.code == "not-picked"
    with pytest.raises(Problem) as state:
        await parcel.pack(box({1: 1}))
    assert state.value.code == "wrong-state"
    await parcel.pick(scan("BOWL-02"))
    packed = await parcel.pack(box({1: 2}))
    assert packed.work.state == "picked"
    for contents, code in (({1: 1}, "not-picked"), ({2: 0}, "empty-package"), ({9: 1}, "not-picked")):
        with pytest.raises(Problem) as refused:
            await parcel.pack(box(contents))
        assert refused.value.code == code
    assert (await parcel.pack()).work.state == "packed"
    with pytest.raises(Problem) as twice:
        await parcel.pack()
    assert twice.value.code == "nothing-to-pack"


async def test_a_package_needs_a_weight_and_a_witness(parcel: Sender) -> None:
    await parcel.until_picked()
    for grams in (0, -5, 2_000_000):
        with pytest.raises(Problem) as light:
            await parcel.pack(box(grams=grams))
        assert light.value.code == "no-weight"
    with pytest.raises(Problem) as word:
        await parcel.run.perform(SYSTEM, pack, work_id=parcel.work_id(), boxes=[box()])
    assert word.value.code == "no-witness"
    with pytest.raises(Problem) as elsewhere:
        await parcel.pack(by=associate(await parcel.shop.place("hackney"), actor_id="tomasz"))
    assert elsewhere.value.code == "not-allowed"


async def test_the_same_scan_twice_packs_and_dispatches_once(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box(key="box-1"))
    assert len((await parcel.pack(box(key="box-1"))).packages) == 1
    await parcel.label()
    await parcel.label()
    assert len(parcel.carrier.shipments) == 1
    await parcel.dispatch(key="out-1")
    again = await parcel.dispatch(key="out-1")
    assert again.work.state == "dispatched"
    assert await parcel.ledger() == {"found": -2, "package": 2}
    assert await parcel.tellings() == ["shipped"]


async def test_nothing_leaves_without_a_label_unpaid_or_from_another_place(
    parcel: Sender, shop: Shop, clock: Clock
) -> None:
    await parcel.until_picked()
    await parcel.pack()
    with pytest.raises(Problem) as unlabelled:
        await parcel.dispatch()
    assert unlabelled.value.code == "unknown-package"
    await parcel.label()
    hackney = await shop.place("hackney")
    proof = Proof(EvidenceKind.SCAN, (await parcel.package()).tracking_number)
    with pytest.raises(Problem) as elsewhere:
        await parcel.run.perform(
            associate(hackney, actor_id="tomasz"), dispatch, location_id=hackney.location_id, proof=proof
        )
    assert elsewhere.value.code == "package-of-another-place"
    with pytest.raises(Problem) as typed:
        await parcel.run.perform(
            parcel.ines,
            dispatch,
            location_id=shop.places["camden"].location_id,
            proof=Proof(EvidenceKind.TYPED, proof.barcode),
        )
    assert typed.value.code == "typed-needs-reason"
    await parcel.dispatch()


async def test_nothing_unpaid_leaves(shop: Shop, clock: Clock) -> None:
    unpaid = await sender(shop, clock, paid="pending", mug_01=1)
    await unpaid.until_picked()
    await unpaid.pack()
    await unpaid.label()
    with pytest.raises(Problem) as refused:
        await unpaid.dispatch()
    assert refused.value.code == "not-paid"


async def test_a_pickup_is_not_packed(shop: Shop) -> None:
    pickup = await counter(shop, mug_01=1)
    await pickup.accept()
    await pickup.pick()
    with pytest.raises(Problem) as refused:
        await pickup.perform(pack, boxes=[box()])
    assert refused.value.code == "not-sent"


async def test_the_carrier_refuses_an_address_and_a_person_sees_it(shop: Shop, clock: Clock) -> None:
    nowhere = await sender(shop, clock, address={**HOME, "line1": "1 Nowhere Lane"}, mug_01=1)
    await nowhere.until_picked()
    await nowhere.pack()
    with pytest.raises(Problem) as refused:
        await nowhere.label()
    assert refused.value.code == "carrier-refused"
    [trouble] = await nowhere.rows("SELECT kind, detail FROM watch.exceptions WHERE state = 'open'")
    assert (trouble.kind, trouble.detail) == ("label-refused", "Unable to verify address.")
    assert (await audited(shop)).violations == ()
    mended = "UPDATE orders.orders SET address = jsonb_set(address, '{line1}', CAST(:line AS jsonb)) RETURNING order_id"
    await nowhere.rows(mended, line='"4 Ferncliffe Terrace"')
    await nowhere.label()
    assert await nowhere.rows("SELECT FROM watch.exceptions WHERE state = 'open'") == []


async def test_a_slow_or_dead_carrier_gives_one_label_later(parcel: Sender, clock: Clock) -> None:
    await parcel.until_picked()
    await parcel.pack()
    parcel.carrier.moods.down = True
    with pytest.raises(Problem) as down:
        await parcel.label()
    assert down.value.code == "carrier-down"
    # it buys the label, and its answer is lost: the same wish is said again by its key
    parcel.carrier.moods.down, parcel.carrier.moods.loses_answers = False, 2
    for _ in range(4):
        clock.forward(minutes=6)
        await parcel.worker_prints()
    assert len(parcel.carrier.shipments) == 1
    package = await parcel.package()
    assert package.tracking_number
    assert package.carrier == "Hare Post"
    assert await parcel.rows("SELECT FROM watch.exceptions WHERE state = 'open'") == []


async def test_a_crash_after_the_carrier_answered_loses_nothing(parcel: Sender, clock: Clock) -> None:
    await parcel.until_picked()
    await parcel.pack()
    [wish] = await parcel.run.perform(parcel.ines, label.ask_labels, work_id=parcel.work_id())
    # the carrier gave it, and nobody lived to write it down
    async with parcel.run.reading() as read:
        asked = await label.decide(read, wish)
    await parcel.outside.via(CARRIERS).make_label(asked)
    assert not (await parcel.package()).tracking_number
    clock.forward(seconds=30)
    await parcel.worker_prints()
    assert len(parcel.carrier.shipments) == 1
    [bought] = parcel.carrier.shipments.values()
    assert (await parcel.package()).tracking_number == bought["tracking_code"]


@pytest.mark.parametrize("when", ["before the carrier was asked to", "meanwhile", "after it was taken back"])
async def test_a_label_bought_after_its_package_was_opened_is_taken_back(
    parcel: Sender, clock: Clock, when: str
) -> None:
    await parcel.until_picked()
    await parcel.pack()
    [wish] = await parcel.run.perform(parcel.ines, label.ask_labels, work_id=parcel.work_id())
    async with parcel.run.reading() as read:
        asked = await label.decide(read, wish)
    package = await parcel.package()
    await parcel.run.perform(parcel.ines, unpack, package_id=package.id, reason="the box is torn")
    await parcel.worker_prints()
    async with parcel.run.reading() as read:
        [given_up] = await shipping.find.labels_of(read, wish.order_id, [wish.package_no])
    if when == "after it was taken back":
        clock.forward(minutes=2)
        await parcel.worker_prints()
    bought = await parcel.outside.via(CARRIERS).make_label(asked)
    await parcel.run.perform(SYSTEM, label.made, label=wish, printed=bought)
    if when == "meanwhile":
        said = {"label": given_up, "voided": True, "answer": "nothing was made"}
        await parcel.run.perform(SYSTEM, label.taken_back, **said)
    clock.forward(minutes=2)
    await parcel.worker_prints()
    assert [one["refund_status"] for one in parcel.carrier.shipments.values()] == ["submitted"]
    [row] = await parcel.rows("SELECT state, carrier_ref FROM shipping.labels")
    assert (row.state, row.carrier_ref) == ("voided", bought.carrier_ref)


async def test_a_number_that_the_carrier_uses_again_is_that_of_the_newest_open_package(
    parcel: Sender, clock: Clock
) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 2}), box({2: 1}))
    [first, second] = await parcel.run.perform(parcel.ines, label.ask_labels, work_id=parcel.work_id())
    carrier = parcel.outside.via(CARRIERS)
    async with parcel.run.reading() as read:
        parcels = [await label.decide(read, one) for one in (first, second)]
    bought = [await carrier.make_label(one) for one in parcels]
    await parcel.run.perform(SYSTEM, label.made, label=first, printed=bought[0])
    await parcel.dispatch(1)
    clock.forward(hours=20)
    await parcel.tells("delivered")
    again = replace(bought[1], tracking_number=bought[0].tracking_number)
    await parcel.run.perform(SYSTEM, label.made, label=second, printed=again)
    assert (await parcel.dispatch(2)).package.package_no == 2
    assert (await parcel.package(2)).state == "dispatched"


async def test_what_lies_in_a_package_is_not_refused_until_it_is_opened(parcel: Sender) -> None:
    await parcel.until_picked()
    said = {"reason": "a chip in the glaze", "units": {1: 1}}
    for boxes in ([box({1: 2})], []):
        await parcel.pack(*boxes)
        with pytest.raises(Problem) as late:
            await parcel.perform(refuse_work, **said)
        assert late.value.code == "too-late-to-refuse"
    package = await parcel.package(1)
    await parcel.run.perform(parcel.ines, unpack, package_id=package.id, reason="a chip in the glaze")
    assert (await parcel.perform(refuse_work, **said)).line(1).wanted == 1


async def test_canceled_after_packing_the_label_is_voided_and_the_units_are_put_away(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 2}), box({2: 1}))
    await parcel.label()
    await parcel.run.perform(parcel.ines, cancel, parcel.order_id, reason="changed their mind")
    assert (await parcel.work()).state == "canceled"
    assert {one.state for one in await parcel.packages()} == {"opened"}
    assert await parcel.ledger() == {"found": -2, "staged": 2}
    await parcel.worker_prints()
    assert {one["refund_status"] for one in parcel.carrier.shipments.values()} == {"submitted"}
    [task] = await parcel.rows("SELECT kind, title FROM tasks.tasks WHERE state <> 'done'")
    assert task.kind == "put_away"
    proofs = [scan("MUG-01", key="a"), scan("MUG-01", key="b"), scan("BOWL-02", key="c")]
    await parcel.perform(put_away, proofs=proofs)
    assert await parcel.ledger() == {"found": -2, "sellable": 2}
    assert await parcel.rows("SELECT FROM tasks.tasks WHERE state <> 'done'") == []


async def test_one_line_canceled_after_packing_leaves_the_other_package_closed(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 2}), box({2: 1}))
    await parcel.label()
    await parcel.run.perform(parcel.ines, cancel, parcel.order_id, lines={2: 1}, reason="not the bowl")
    assert (await parcel.work()).state == "packed"
    assert [one.state for one in await parcel.packages()] == ["packed", "opened"]
    await parcel.worker_prints()
    assert (await parcel.dispatch(1)).work.state == "dispatched"
    assert await parcel.units(1) == {"shipped": 2}


async def test_what_is_left_may_be_canceled_when_the_first_package_has_gone(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack(box({1: 2}), box({2: 1}))
    await parcel.label()
    await parcel.dispatch(1)
    await parcel.run.perform(parcel.ines, cancel, parcel.order_id, reason="no bowl any more")
    assert (await parcel.work()).state == "dispatched"
    assert await parcel.units(1) == {"shipped": 2}
    assert await parcel.units(2) == {"canceled": 1}
    with pytest.raises(Problem) as late:
        await parcel.run.perform(parcel.ines, cancel, parcel.order_id, reason="nor the mugs")
    assert late.value.code == "too-late-to-cancel"
    await parcel.worker_prints()


async def test_an_opened_package_is_packed_anew_under_another_number(parcel: Sender) -> None:
    await parcel.until_picked()
    await parcel.pack()
    await parcel.label()
    first = await parcel.package()
    await parcel.run.perform(parcel.ines, unpack, package_id=first.id, reason="the box is torn")
    assert (await parcel.work()).state == "picked"
    assert await parcel.units(1) == {"picked": 2}
    await parcel.worker_prints()
    await parcel.pack()
    await parcel.label()
    second = await parcel.package(2)
    assert second.tracking_number not in {"", first.tracking_number}
    await parcel.dispatch(2)


async def test_words_of_the_carrier_come_late_twice_and_out_of_order(parcel: Sender, clock: Clock) -> None:
    await parcel.until_dispatched()
    number = (await parcel.package()).tracking_number
    noon = clock.now
    moving = parcel.carrier.moves(number, "in_transit", at=noon + timedelta(hours=5))
    arrived = parcel.carrier.moves(number, "delivered", at=noon + timedelta(hours=20))
    clock.forward(hours=30)
    assert await parcel.hears(arrived) == "applied: package deliver"
    assert await parcel.hears(arrived) == "applied: package deliver"
    assert await parcel.hears(moving) == "applied: known"
    failed = parcel.carrier.moves(number, "failure", at=noon + timedelta(hours=10))
    assert await parcel.hears(failed) == "applied: 1 new"
    package = await parcel.package()
    assert package.state == "delivered"
    assert package.delivered_at == noon + timedelta(hours=20)


async def test_a_number_nobody_knows_is_parked_with_an_owner(parcel: Sender, clock: Clock) -> None:
    await parcel.until_dispatched()
    number = (await parcel.package()).tracking_number
    hook = parcel.carrier.moves(number, "in_transit")
    body = hook.body.replace(number.encode(), b"HP0000000000XX")
    strange = TrackerHook({**hook.headers, signature.HEADER: signature.sign(body, SECRET)}, body)
    for _ in range(6):
        said = await parcel.hears(strange)
        clock.forward(minutes=10)
    assert said.startswith("parked:")
    [row] = await parcel.rows("SELECT owner, reason FROM runtime.inbox WHERE state = 'parked'")
    assert row.owner == "experience"
    assert "HP0000000000XX" in row.reason


async def test_a_wrongly_signed_word_changes_nothing(parcel: Sender) -> None:
    await parcel.until_dispatched()
    hook = parcel.carrier.moves((await parcel.package()).tracking_number, "delivered")
    forged = TrackerHook({**hook.headers, signature.HEADER: "hmac-sha256-hex=00"}, hook.body)
    with pytest.raises(Problem) as refused:
        await parcel.hears(forged)
    assert refused.value.code == "wrongly-signed"
    assert (await parcel.package()).state == "dispatched"
