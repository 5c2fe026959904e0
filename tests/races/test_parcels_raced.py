"""Two people at one packing table, two scanners at the door, two who choose: each unit is packed, leaves and is paid for once."""

from __future__ import annotations

import asyncio

from ambidex.domains.shipping import Box
from ambidex.flows.dispatch import Dispatched, dispatch
from ambidex.flows.pack import Packed, pack
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import Problem
from tests.conftest import Clock
from tests.flows.parcels import sender, weighed
from tests.reads.house import audited
from tests.shop import Shop, associate


async def test_two_packers_and_two_scanners_at_once(own_shop: Shop, clock: Clock) -> None:
    parcel = await sender(own_shop, clock, mug_01=2, bowl_02=1)
    await parcel.until_picked()
    box = Box({}, 900, weighed())
    packed = await asyncio.gather(
        *(parcel.run.perform(parcel.ines, pack, work_id=parcel.work_id(), boxes=[box]) for _ in range(4)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Packed) for one in packed) == 1
    [package] = await parcel.label()
    await asyncio.gather(parcel.label(), parcel.label(), parcel.worker_prints())
    assert len(parcel.carrier.shipments) == 1
    scan = Proof(EvidenceKind.SCAN, package.tracking_number)
    where = own_shop.places["camden"].location_id
    gone = await asyncio.gather(
        *(parcel.run.perform(parcel.ines, dispatch, location_id=where, proof=scan) for _ in range(4)),
        return_exceptions=True,
    )
    assert [one.work.state for one in gone if isinstance(one, Dispatched)] == ["dispatched"] * 4
    assert await parcel.ledger() == {"found": -2, "package": 2}
    [told] = await parcel.rows("SELECT count(*) AS times FROM messages.messages WHERE kind = 'shipped'")
    assert told.times == 1
    # the publisher does not run here: the chain of events is asked elsewhere
    violations = [one for one in (await audited(own_shop)).violations if one.invariant != "8 audit"]
    assert violations == []


async def test_sent_again_or_paid_back_and_back_at_one_place(own_shop: Shop, clock: Clock) -> None:
    parcel = await sender(own_shop, clock, mug_01=2)
    await parcel.until_dispatched()
    await own_shop.place("depot", capabilities=frozenset({"ship"}))
    await own_shop.shelf("depot", "MUG-01", 9)
    await parcel.tells("return_to_sender")
    tomasz = associate(own_shop.places["depot"], actor_id="tomasz")
    outcomes = await asyncio.gather(
        *(parcel.chosen(what) for what in ("send_again", "pay_back", "send_again", "pay_back")),
        parcel.comes_back(),
        parcel.comes_back(at="depot", by=tomasz),
        return_exceptions=True,
    )
    refused = {one.code for one in outcomes if isinstance(one, Problem)}
    assert [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Problem)] == []
    again, owed = len(await parcel.rows("SELECT FROM fulfillment.work")) - 1, await parcel.money_due()
    assert (again, owed, frozenset(refused)) in {
        (1, 0, frozenset({"already-sent-again"})),
        (0, 2 * 1990, frozenset({"already-paid-back"})),
    }
    assert (await parcel.ledger())["staged"] == 2, "it came back once"
    violations = [one for one in (await audited(own_shop)).violations if one.invariant != "8 audit"]
    assert violations == []
