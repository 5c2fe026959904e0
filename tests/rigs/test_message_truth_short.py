"""Message truth, short form: our sender never leaves a customer believing what is not so; a naive one does."""

from __future__ import annotations

import pytest

from tests.rigs.message_truth import contradicted, honest, naive, races
from tests.shop import Shop


async def test_no_message_contradicts_the_order(own_shop: Shop) -> None:
    verdict = await races(own_shop, count=40, seed=7, sender=honest)
    assert verdict.contradicted == []
    assert verdict.doubled == 0
    assert verdict.canceled == 40
    assert verdict.read_ready + verdict.withdrawn > 0


async def test_the_control_is_caught(own_shop: Shop) -> None:
    verdict = await races(own_shop, count=40, seed=7, sender=naive)
    assert len(verdict.contradicted) >= 10, "every customer who canceled while it was carried"
    assert not verdict.honest


@pytest.mark.parametrize(
    ("read", "wrong"),
    [
        (["confirmed", "ready", "canceled"], False),
        (["confirmed", "ready", "correction", "canceled"], False),
        (["confirmed", "canceled"], False),
        (["confirmed", "ready"], True),
        (["confirmed", "canceled", "ready"], True),
    ],
)
def test_what_a_canceled_customer_may_have_read(read: list[str], *, wrong: bool) -> None:
    assert contradicted(read) is wrong
