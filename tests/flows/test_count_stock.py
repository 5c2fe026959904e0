"""Counting: the shelf is what was counted, and claims it cannot meet belong to somebody."""

from __future__ import annotations

import pytest

from ambidex.flows.count_stock import count_stock
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import NotAllowed, Problem
from tests.flows.counter import counter
from tests.shop import Shop, associate


async def test_a_count_below_the_claims_is_owned_and_one_above_releases_it(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    said = {"location": "camden", "item": "MUG-01"}
    low = await shop.run.perform(SYSTEM, count_stock, **said, counted=1)  # type: ignore[arg-type]  # named above
    assert [short.quantity for short in low.opened] == [1]
    assert (await shop.stock("camden", "MUG-01")).gap == 1
    [trouble] = await at.rows("SELECT kind, owner_role, state FROM watch.exceptions")
    assert tuple(trouble) == ("stock-gone", "lead", "open")
    await shop.run.perform(SYSTEM, count_stock, **said, counted=2)  # type: ignore[arg-type]  # named above
    assert (await shop.stock("camden", "MUG-01")).gap == 0
    [trouble] = await at.rows("SELECT state FROM watch.exceptions")
    assert trouble.state == "resolved"


async def test_a_count_ends_the_task_that_asked_for_it(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.miss()
    await shop.run.perform(SYSTEM, count_stock, location="camden", item="MUG-01", counted=1)
    rows = await at.rows("SELECT state FROM tasks.tasks WHERE kind = 'count'")
    assert [row.state for row in rows] == ["done"]
    [row] = await at.rows("SELECT state, counted FROM counting.counts")
    assert tuple(row) == ("counted", 1)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"counted": -1}, "bad-input"),
        ({"item": "NO-SUCH"}, "unknown-item"),
        ({"location": "nowhere"}, "unknown-location"),
    ],
)
async def test_what_cannot_be_counted_is_refused(shop: Shop, said: dict[str, object], code: str) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    asked = {"location": "camden", "item": "MUG-01", "counted": 1, **said}
    with pytest.raises(Problem) as refused:
        await shop.run.perform(SYSTEM, count_stock, **asked)  # type: ignore[arg-type]  # named above
    assert refused.value.code == code


async def test_counting_needs_the_place(shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    stranger = associate(await shop.place("soho"), "Noé Łukasz", actor_id="noe")
    with pytest.raises(NotAllowed):
        await shop.run.perform(stranger, count_stock, location="camden", item="MUG-01", counted=1)
