"""A house in which things happened: orders handed over, ready, short, late and canceled, and customers told."""

from __future__ import annotations

from datetime import timedelta

from ambidex.domains.messages import Attempt, Letter, Outcome
from ambidex.flows.cancel import cancel
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.tell_customer import Telling
from ambidex.flows.watch import sweep
from ambidex.kernel.actor import SYSTEM
from ambidex.reads.audit import Report, audit
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.counter import counter
from tests.flows.parcels import sender
from tests.shop import Shop
from tests.story import KEY


class Letterbox:
    """Takes every letter."""

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        return Attempt(Outcome.TAKEN)

    async def arrived(self, key: str) -> bool | None:
        return True


async def tell(shop: Shop) -> None:
    """Everything that is due is said; one letter at a time, because the test has one connection."""
    telling = Telling(shop.run, Letterbox(), "http://localhost", brand="Marrow & Finch", key=KEY)
    while await telling.send_due():
        pass


async def house_with_a_past(shop: Shop, clock: Clock) -> None:
    """One order each: handed over, short and asked about, canceled after *ready*, late, delivered, and lying ready."""
    await shop.place("camden", capabilities=frozenset({"pickup", "ship"}))
    collected = await counter(shop, stock=50)
    await collected.until_ready()
    await tell(shop)
    await collected.hand_over(code=await collected.code(), key="counter-1")
    await tell(shop)

    short = await counter(shop, stock=50)
    await short.accept()
    await short.miss(key="gone")
    await tell(shop)

    canceled = await counter(shop, stock=50)
    await canceled.until_ready()
    await tell(shop)
    await shop.run.perform(SYSTEM, cancel, canceled.order_id, reason="The customer asked for it.")
    await tell(shop)

    late = await counter(shop, stock=50)
    clock.forward(hours=1, minutes=50)
    while await sweep(shop.run):
        pass
    await tell(shop)
    assert await late.promise("ready_by")

    sent = await sender(shop, clock, stock=50)
    await sent.until_dispatched()
    await sent.tells("delivered")
    await tell(shop)

    ready = await counter(shop, stock=50)
    await ready.until_ready()
    await tell(shop)
    clock.now += timedelta(seconds=1)
    await settle(shop.run, REACTIONS)


async def audited(shop: Shop) -> Report:
    """The audit, after everything that follows has followed."""
    await settle(shop.run, REACTIONS)
    async with shop.run.reading() as read:
        return await audit(read)
