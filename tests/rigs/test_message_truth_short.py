"""Message truth, short form: our sender never leaves a customer believing what is not so; a naive one does."""

from __future__ import annotations

from tests.rigs.message_truth import honest, naive, races
from tests.shop import Shop


async def test_no_message_contradicts_the_order(own_shop: Shop) -> None:
    verdict = await races(own_shop, count=40, seed=7, sender=honest)
    assert verdict.contradicted == []
    assert verdict.doubled == 0
    assert verdict.canceled == 40
    assert verdict.read_ready + verdict.withdrawn > 0


async def test_the_control_contradicts(own_shop: Shop) -> None:
    verdict = await races(own_shop, count=40, seed=7, sender=naive)
    assert verdict.contradicted
