"""Money that is owed is watched until somebody reports that it went back; not in time it is an agent's, then experience's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ambidex.domains import payments
from ambidex.domains.payments import OrderMoney, Tender, TenderState
from ambidex.domains.payments.model import MoneyFact
from ambidex.flows.cancel import cancel
from ambidex.flows.reactions import REACTIONS
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.money import Money
from ambidex.runtime.reactions import settle
from tests.conftest import NOON, Clock
from tests.flows.counter import Counter, counter
from tests.flows.test_tell_customer import calls
from tests.reads.house import audited
from tests.shop import Shop
from tests.simulation.story import Story

HOUR = timedelta(hours=1)
WATCHED = tuple(reaction for reaction in REACTIONS if reaction.name == "refunds watched")


async def report(at: Counter, kind: str, amount: str, reference: str) -> None:
    asked = {"kind": kind, "amount": Money.parse(amount, "GBP"), "reference": reference}
    said = {"reported_by": "web:main", "happened_at": at.run.clock()}
    await at.run.perform(SYSTEM, payments.report, order_id=at.order_id, **asked, **said)
    await settle(at.run, WATCHED)


async def canceled(at: Counter, units: int | None = None) -> None:
    lines = None if units is None else {1: units}
    await at.run.perform(SYSTEM, cancel, at.order_id, lines=lines, reason="changed their mind")
    await settle(at.run, WATCHED)


async def refunds(at: Counter) -> list[tuple[str, object]]:
    rows = await at.rows("SELECT state, due_at FROM watch.watchdogs WHERE waits_for = 'refund'")
    return [(row.state, row.due_at) for row in rows]


async def test_a_refund_that_nobody_reports_becomes_an_agents(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, paid="captured", mug_01=2)
    await canceled(at)
    assert await refunds(at) == [("armed", NOON + 24 * HOUR)]
    owner = await at.owner()
    assert (owner.role, owner.waiting_for) == ("agent", "system")
    assert (owner.next_step, owner.next_deadline) == ("See that the money goes back", NOON + 24 * HOUR)

    story = Story(shop, clock)
    await story.until(NOON + 23 * HOUR, every=HOUR)
    assert await calls(shop.run) == []
    await story.until(NOON + 24 * HOUR, every=HOUR)
    assert await calls(shop.run) == [("agent", "A refund that is due was not reported")]
    [task] = await at.rows("SELECT details->>'detail' AS detail FROM tasks.tasks")
    assert task.detail.startswith("39.80 GBP are owed")
    assert (await audited(shop)).violations == ()

    await story.until(NOON + 25 * HOUR, every=HOUR)
    assert (await at.owner()).role == "experience", "an agent who does nothing is not the end of it"


async def test_a_reported_refund_ends_it(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, paid="captured", mug_01=2)
    await canceled(at)
    await Story(shop, clock).until(NOON + 24 * HOUR, every=12 * HOUR)
    await report(at, "refunded", "19.90", "re-1")
    assert [state for state, _ in await refunds(at)] == ["notified"], "half of it is still owed"
    await report(at, "refunded", "19.90", "re-2")
    assert [state for state, _ in await refunds(at)] == ["resolved"]
    assert await at.owner() is None
    assert await at.rows("SELECT 1 FROM tasks.tasks WHERE state <> 'done'") == []
    assert (await audited(shop)).violations == ()


async def test_what_was_never_taken_is_not_waited_for(shop: Shop) -> None:
    at = await counter(shop, paid="authorized", mug_01=2)
    await canceled(at, 1)
    assert await refunds(at) == []
    await report(at, "captured", "19.90", "cap-1")
    assert await refunds(at) == [], "only what is left was taken"


async def test_what_is_taken_too_much_later_is_owed_then(shop: Shop) -> None:
    at = await counter(shop, paid="authorized", mug_01=2)
    await canceled(at, 1)
    await report(at, "captured", "39.80", "cap-1")
    assert [state for state, _ in await refunds(at)] == ["armed"]


def money(*, captured: int, refunded: int, due: int) -> OrderMoney:
    of = lambda minor: Money(minor, "GBP")  # noqa: E731  # three times below
    tender = Tender(1, "card", "", TenderState.CAPTURED, of(captured), of(captured), of(refunded), None)
    fact = MoneyFact(1, "refund_due", of(due), "ambidex", "", "", NOON)
    return OrderMoney("GBP", (tender,), (fact,))


@pytest.mark.parametrize(
    ("total", "captured", "refunded", "due", "owed"),
    [
        # all was taken, a part left the order
        (100, 100, 0, 30, 30),
        # nothing was taken
        (100, 0, 0, 100, 0),
        # only what is left was taken
        (100, 70, 0, 30, 0),
        # a little too much was taken
        (100, 80, 0, 30, 10),
        # some of it went back
        (100, 100, 10, 30, 20),
        # more went back than was owed: a goodwill of the shop
        (100, 100, 40, 30, 0),
        # shipping that was paid is not owed for units
        (105, 105, 0, 100, 100),
        # a discount on the whole order: never more than was taken
        (90, 90, 0, 100, 90),
    ],
)
def test_what_is_owed(total: int, captured: int, refunded: int, due: int, owed: int) -> None:
    found = money(captured=captured, refunded=refunded, due=due).owed(Money(total, "GBP"))
    assert found == Money(owed, "GBP")
