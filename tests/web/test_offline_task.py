"""What did not fit after a time without a network, and a count to be decided: both sides before a lead."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.identity import Role
from ambidex.domains.pocket import DeedKind
from ambidex.flows.cancel import cancel
from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.empty_pocket import Device, Outcome, Stored, empty_pocket
from ambidex.kernel.actor import SYSTEM
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.shop import Shop, associate
from tests.web.floor import on_the_floor

CODES = PickupCodes(b"k" * 32)


async def test_a_lead_sees_both_sides_and_settles_it(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    done_at = clock.forward(minutes=5)
    await shop.run.perform(SYSTEM, cancel, at.order_id, reason="changed their mind")
    clock.forward(minutes=55)
    picked = {"work": at.work_id(), "barcode": "B-MUG-01", "evidence": "scan"}
    device = Device("phone-3", clock.now + timedelta(hours=2), CODES)
    stored = Stored("deed-0001", DeedKind.PICK, done_at + timedelta(hours=2), facts=picked)
    [answer] = await empty_pocket(shop.run, at.ines, device, [stored])
    assert answer.outcome is Outcome.CONFLICT
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        page = await floor.page(f"/tasks/{answer.task}")
        assert "Picked B-MUG-01" in page
        assert "Inès Caron" in page
        assert "clock of the device wrong by 120 min" in page
        assert "State canceled" in page
        assert "changed their mind" in page
        assert await floor.goes(f"/tasks/{answer.task}/done", note="Put back.") == "/work?said=done"
    assert await at.owner() is None


async def test_a_lead_decides_a_count_on_its_page(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 20)
    for name, units in (("Matteo", 3), ("Yuki", 5)):
        who = associate(shop.places["camden"], name, actor_id=name)
        outcome = await shop.run.perform(who, count_shelf, Shelf("camden", "MUG-01", units))
    assert outcome.count is not None
    path = f"/count/decide/{outcome.count.count_id}"
    async with on_the_floor(shop, role=Role.LEAD) as floor:
        assert "1 count waits for a lead." in await floor.page("/count")
        page = await floor.page(path)
        assert "3 counted, the books said 20" in page
        assert "Matteo" in page
        assert "-15 units" in page
        assert await floor.goes(path, verb="approve") == "/count?said=approved"
        assert "is not waiting for that any more" in await floor.refused(path, verb="approve")
    assert (await shop.stock("camden", "MUG-01")).sellable == 5
