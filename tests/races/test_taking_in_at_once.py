"""The same order arrives by several messages and is pulled at the counter, all at the same moment: one order, once."""

import asyncio
import contextlib

from sqlalchemy import text

from ambidex.flows import take_in
from ambidex.flows.claim_at_counter import CannotTakeIn, Claim, claim
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime import inbox
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.platform import Platform
from tests.shop import Shop, associate


async def test_one_order_however_it_comes(own_run: Run, own_shop: Shop, clock: Clock) -> None:
    await own_shop.shelf("camden", "MUG-01", 10)
    platform = Platform.beside(own_run, clock)
    await platform.register()
    sold = platform.sell(("MUG-01", 2))
    hooks = [*platform.hooks(), *(platform.fake.webhook("orders/updated", sold) for _ in range(5))]
    await asyncio.gather(*(platform.send(hook) for hook in hooks))
    messages = await own_run.perform(SYSTEM, inbox.take, limit=20)
    assert len(messages) == 6
    ines = associate(own_shop.places["camden"])

    async def at_the_counter() -> None:
        with contextlib.suppress(CannotTakeIn):  # somebody was placing it at that very moment
            await claim(own_run, platform.outside, ines, Claim(sold["name"]))

    await asyncio.gather(
        *(take_in.apply(own_run, platform.outside, message) for message in messages), at_the_counter()
    )
    for _ in range(3):
        clock.forward(minutes=2)
        await platform.apply()
    assert (await platform.taken(sold)).lines[0].quantity == 2
    assert (await own_shop.stock("camden", "MUG-01")).reserved == 2
    async with own_run.reading() as read:
        assert await read.value(text("SELECT count(*) FROM orders.orders")) == 1
        assert (await inbox.counts(read))["applied"] == 7


async def test_two_workers_share_the_messages(own_run: Run, own_shop: Shop, clock: Clock) -> None:
    await own_shop.shelf("camden", "MUG-01", 100)
    platform = Platform.beside(own_run, clock)
    await platform.register()
    for _ in range(30):
        platform.sell(("MUG-01", 1))
    for hook in platform.hooks():
        await platform.send(hook)
    taken = await asyncio.gather(*(own_run.perform(SYSTEM, inbox.take, limit=20) for _ in range(3)))
    ids = [message.message_id for batch in taken for message in batch]
    assert len(ids) == len(set(ids)) == 30
