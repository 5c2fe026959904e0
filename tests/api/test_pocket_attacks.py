"""What was done without a network while others went on: nobody's work is taken away by an old word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.test_pocket import deed, on_the_floor, outcomes, send
from tests.conftest import NOON, Clock
from tests.flows.counter import counter, scan
from tests.shop import Shop


@pytest.mark.parametrize("began", [False, True])
async def test_an_old_refusal_does_not_take_away_what_a_colleague_began_since(
    shop: Shop, clock: Clock, *, began: bool
) -> None:
    clock.now = NOON - timedelta(hours=2)
    order = await counter(shop, stock=10, mug_01=2)
    clock.now = NOON - timedelta(minutes=30)
    await order.accept()
    if began:
        await order.pick(scan(key="x"))
    clock.now = NOON
    async with on_the_floor(shop) as client:
        told = await send(client, deed("refuse", 1, work=order.work_id(), reason="too busy"))
    assert outcomes(told) == ["conflict"]
    assert (await order.work()).state == ("picking" if began else "accepted")
