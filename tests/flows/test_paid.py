"""Goods leave for money that covers them; what does not cover them is somebody's before the customer comes, and can be agreed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ambidex.domains import payments
from ambidex.domains.orders import NewPayment
from ambidex.flows.paid import MoneyDoesNotCover, NotPaid, agree
from ambidex.flows.place_order import place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, NotAllowed
from ambidex.reads.pocket import load
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import settle
from tests.flows.counter import Counter
from tests.flows.test_tell_customer import calls
from tests.reads.house import audited
from tests.shop import Shop, associate
from tests.story import new_order

COMPARED = tuple(reaction for reaction in REACTIONS if reaction.name == "money compared")


def gbp(said: str) -> Money:
    return Money.parse(said, "GBP")


async def bought(shop: Shop, *paid: NewPayment, mugs: int = 2, **more: object) -> Counter:
    """Mugs at 19.90 each, paid like this."""
    await shop.shelf("camden", "MUG-01", 9)
    line = new_order().lines[0]
    new = new_order(lines=(replace(line, quantity=mugs),), payments=paid, **more)

    async def placed(tx: Tx) -> OrderId:
        return (await place_order(tx, new)).order_id

    at = Counter(shop, await shop.run.perform(SYSTEM, placed), {"MUG-01": mugs})
    await at.accept()
    await settle(shop.run, COMPARED)
    return at


async def until_ready(at: Counter) -> Counter:
    await at.pick()
    await at.stage()
    await at.ready()
    return at


async def test_tenders_that_do_not_add_up_are_owned_and_asked_about(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("authorized", gbp("30.00"))))
    assert await calls(shop.run) == [("agent", "What was paid does not cover the order")]
    [trouble] = await at.rows("SELECT kind, cause, detail FROM watch.exceptions")
    assert (trouble.kind, trouble.cause) == ("money-differs", "platform")
    assert trouble.detail.startswith("9.80 GBP are missing.")

    code = await at.code()
    with pytest.raises(MoneyDoesNotCover) as refused:
        await at.hand_over(code=code)
    assert refused.value.detail == "9.80 GBP of 39.80 GBP are missing"
    assert (await at.hand_over(code=code, units={1: 1})).state.value == "ready", "one of two is covered"
    assert (await audited(shop)).violations == ()


async def test_a_person_says_why_it_is_right(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("authorized", gbp("30.00"))))
    lead = associate(shop.places["camden"], "Bo Lindström", actor_id="bo")
    with pytest.raises(BadInput):
        await shop.run.perform(lead, agree, order_id=at.order_id, reason=" ")
    stranger = replace(lead, permissions=frozenset(Permission) - {Permission.MONEY_AGREE})
    with pytest.raises(NotAllowed):
        await shop.run.perform(stranger, agree, order_id=at.order_id, reason="a friend")

    assert await shop.run.perform(lead, agree, order_id=at.order_id, reason="paid 9.80 cash") == gbp("9.80")
    assert await shop.run.perform(lead, agree, order_id=at.order_id, reason="again") == gbp("0.00")

    assert (await at.hand_over(code=await at.code())).state.value == "handed_over"
    rows = await at.rows("SELECT outcome FROM watch.exceptions")
    assert [row.outcome for row in rows] == ["paid 9.80 cash"]
    assert (await audited(shop)).violations == ()


async def test_the_rest_that_is_reported_settles_it(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("captured", gbp("30.00"), "card", "tender-1")))
    said = {"reference": "cap-2", "reported_by": "web:main", "happened_at": shop.run.clock()}
    await shop.run.perform(
        SYSTEM, payments.report, order_id=at.order_id, kind="captured", amount=gbp("9.80"), **said
    )
    await settle(shop.run, COMPARED)
    assert await at.rows("SELECT 1 FROM watch.exceptions WHERE state = 'open'") == []
    assert (await at.hand_over(code=await at.code())).state.value == "handed_over"


@pytest.mark.parametrize("paid", [[NewPayment("pending", gbp("39.80"))], []])
async def test_what_is_still_to_be_paid_is_nobodys_trouble_and_does_not_leave(
    shop: Shop, paid: list[NewPayment]
) -> None:
    at = await until_ready(await bought(shop, *paid))
    assert await calls(shop.run) == []
    with pytest.raises(NotPaid):
        await at.hand_over(code=await at.code())


async def test_a_discount_on_the_whole_order_is_no_debt(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("authorized", gbp("34.80")), fees=gbp("-5.00")))
    assert await calls(shop.run) == []
    assert (await at.hand_over(code=await at.code())).state.value == "handed_over"


async def test_a_coin_of_rounding_stops_nobody(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("authorized", gbp("39.75"))))
    assert await calls(shop.run) == []
    assert (await at.hand_over(code=await at.code())).state.value == "handed_over"


async def test_what_is_refused_at_the_counter_needs_no_money(shop: Shop) -> None:
    at = await until_ready(await bought(shop, NewPayment("authorized", gbp("19.90"))))
    work = await at.hand_over(code=await at.code(), refused={1: 1})
    assert work.state.value == "handed_over"


@pytest.mark.parametrize(
    ("paid", "is_paid"),
    [
        ([NewPayment("authorized", gbp("39.80"))], True),
        ([NewPayment("authorized", gbp("39.75"))], True),
        ([NewPayment("captured", gbp("20.00")), NewPayment("authorized", gbp("19.80"))], True),
        ([NewPayment("authorized", gbp("30.00"))], False),
        ([NewPayment("captured", gbp("39.00")), NewPayment("pending", gbp("0.80"))], False),
        ([NewPayment("pending", gbp("39.80"))], False),
        ([], False),
    ],
)
async def test_the_pocket_knows_the_same(shop: Shop, paid: list[NewPayment], *, is_paid: bool) -> None:
    await bought(shop, *paid)
    async with shop.run.reading() as read:
        [work] = (await load(read, shop.places["camden"])).works
    assert work.paid is is_paid
