"""The demo's goods on their way are there and sound."""

from __future__ import annotations

import random

from ambidex.entry.demo.goods import send_goods
from ambidex.entry.seed import plant
from ambidex.reads.audit import audit
from ambidex.runtime.passwords import Passwords
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.flows.transfers import Road
from tests.shop import Shop


async def test_the_demo_shows_goods_in_every_state(run: Run, shop: Shop) -> None:
    await plant(run, number=1, passwords=Passwords(memory_kib=64, rounds=1))
    await send_goods(run, random.Random(1))
    rows = await Road(shop).rows(
        "SELECT kind, state, purpose FROM transfers.deliveries ORDER BY made_at, delivery_id"
    )
    assert sorted((row.kind, row.state, row.purpose) for row in rows) == [
        ("inbound", "announced", "purchase"),
        ("inbound", "announced", "purchase"),
        ("transfer", "in_transit", "order"),
        ("transfer", "in_transit", "replenish"),
        ("transfer", "requested", "replenish"),
    ]
    await settle(run, [])
    async with run.reading() as read:
        assert (await audit(read)).violations == ()
