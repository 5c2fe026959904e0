"""Canceling at every step: what was claimed is free, what lies about is put away, money goes back, words are taken back."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from ambidex.flows.cancel import cancel
from ambidex.flows.cancel_words import sentence_of
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.runtime.db import Tx
from tests.flows.counter import Counter, counter, scan
from tests.shop import Shop, associate


async def canceled(at: Counter, lines: Mapping[int, int | None] | None = None) -> str:
    order = await at.run.perform(SYSTEM, cancel, at.order_id, lines=lines, reason="changed their mind")
    return order.state.value


async def tasks(at: Counter) -> list[str]:
    return [row.kind for row in await at.rows("SELECT kind FROM tasks.tasks WHERE state <> 'done'")]


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("canceled in the shop it was bought from", "Canceled in the shop it was bought from."),
        ("Sorry, we lost it.", "Sorry, we lost it."),
        (" écran cassé ", "Écran cassé."),
        ("why?", "Why?"),
        ("", ""),
    ],
)
def test_a_reason_is_a_sentence_of_the_letter(reason: str, sentence: str) -> None:
    assert sentence_of(reason) == sentence


async def test_before_staging_the_claim_is_free(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    assert await canceled(at) == "canceled"
    assert await at.units() == {"canceled": 2}
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.reserved) == (2, 0)
    assert (await at.work()).state.value == "canceled"
    assert await at.money_due() == 3980
    assert await at.dogs() == []
    assert await at.owner() is None
    assert (await at.promise("ready_by")).state == "released"
    assert [kind for kind, _ in await shop.said()] == ["confirmed", "canceled"]
    told = await at.rows(
        "SELECT facts ->> 'cause_words' AS why FROM messages.messages WHERE kind = 'canceled'"
    )
    assert told[0].why == "Changed their mind."
    assert await tasks(at) == []


async def test_what_was_picked_is_put_back(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.pick(scan())
    assert await canceled(at) == "canceled"
    assert (await shop.stock("camden", "MUG-01")).reserved == 0
    assert await tasks(at) == ["put_away"]


async def test_after_staging_units_wait_for_a_scan_back_to_the_shelf(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    assert await canceled(at) == "canceled"
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.staged, stock.reserved) == (0, 2, 0)
    assert await tasks(at) == ["put_away"]
    assert await at.money_due() == 3980
    assert await shop.said() == [("confirmed", "queued"), ("ready", "withdrawn"), ("canceled", "queued")]


async def test_who_heard_that_it_is_ready_is_owed_the_truth(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()

    async def tell(tx: Tx) -> None:
        await tx.run(text("UPDATE messages.messages SET state = 'sent'"))

    await at.run.perform(SYSTEM, tell)
    await canceled(at, {1: 1})
    assert [kind for kind, _ in await shop.said()] == ["confirmed", "ready", "canceled"]
    [row] = await at.rows("SELECT facts FROM messages.messages WHERE kind = 'canceled'")
    assert row.facts["correction"].startswith("A part of it was canceled")
    assert (await at.promise("correction_by", work_no=0)).state == "made"


async def test_a_part_of_a_ready_order(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    assert await canceled(at, {1: 1}) == "confirmed"
    assert await at.units() == {"staged": 1, "canceled": 1}
    assert (await at.work()).state.value == "staged"
    assert await at.dogs() == ["ready"]
    work = await at.ready()
    assert work.state.value == "ready"
    assert await at.units() == {"ready": 1, "canceled": 1}


async def test_a_part_before_work_begins(shop: Shop) -> None:
    at = await counter(shop, mug_01=3)
    assert await canceled(at, {1: 1}) == "confirmed"
    assert await at.units() == {"reserved": 2, "canceled": 1}
    assert (await shop.stock("camden", "MUG-01")).reserved == 2
    assert (await at.work()).wanted == 2
    assert await at.money_due() == 1990


async def test_after_the_hand_over_it_is_too_late(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await at.hand_over(code=await at.code())
    with pytest.raises(Problem) as refused:
        await canceled(at)
    assert (refused.value.status, refused.value.code) == (409, "too-late-to-cancel")


async def test_twice_is_refused_and_unknown_lines_too(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    with pytest.raises(Problem) as unknown:
        await canceled(at, {9: None})
    assert unknown.value.code == "unknown-line"
    await canceled(at)
    with pytest.raises(Problem) as refused:
        await canceled(at)
    assert refused.value.code == "nothing-to-cancel"


async def test_a_question_about_canceled_units_needs_no_answer(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await shop.shelf("soho", "MUG-01", 3)
    await at.accept()
    await at.miss()
    assert (await shop.stock("soho", "MUG-01")).held == 1
    assert await canceled(at) == "canceled"
    assert (await shop.stock("soho", "MUG-01")).held == 0
    assert (await at.promise("answer_by")).state == "released"
    assert "answer" not in await at.dogs()


async def test_another_place_may_not_cancel(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    stranger = associate(await shop.place("soho"), "Noé Łukasz", actor_id="noe")
    with pytest.raises(NotAllowed):
        await at.run.perform(stranger, cancel, at.order_id, reason="x")
