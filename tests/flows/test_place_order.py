"""An order is placed: everything it means becomes true at once, or nothing does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from ambidex.domains import payments
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.place_order import Placed, place_order, place_orders
from ambidex.kernel.actor import SYSTEM, Actor, ActorKind
from ambidex.kernel.money import Money
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.reads.orders import overviews
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.shop import Shop


def gbp(text: str) -> Money:
    return Money.parse(text, "GBP")


def wanted(
    sku: str = "MUG-01", quantity: int = 1, *, place: str | None = "camden", method: Method = Method.PICKUP
) -> NewLine:
    return NewLine(sku, quantity, gbp("19.90"), method, place)


def asked(*lines: NewLine, reference: str = "W-1001", **more: object) -> NewOrder:
    new = NewOrder(
        source="web:main",
        reference=reference,
        channel="web",
        currency="GBP",
        contact=Contact("Ama Owusu", "ama@example.com", "+12065550100"),
        lines=lines or (wanted(),),
        payments=(NewPayment("authorized", gbp("19.90")),),
    )
    return replace(new, **more)  # type: ignore[arg-type]  # fields of NewOrder


async def place(run: Run, new: NewOrder, *, sold_elsewhere: bool = False) -> Placed:
    return await run.perform(SYSTEM, place_order, new, sold_elsewhere=sold_elsewhere)


async def count(run: Run, table: str) -> int:
    async with run.reading() as read:
        return int(await read.value(text(f"SELECT count(*) FROM {table}")))  # noqa: S608  # named in the test


async def test_everything_an_order_means_becomes_true_at_once(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    placed = await place(run, asked(wanted(quantity=2)))
    assert placed.created
    view = placed.view
    assert (view.state, view.total) == ("confirmed", gbp("39.80"))
    assert [(line.item, dict(line.states)) for line in view.lines] == [("MUG-01", {"reserved": 2})]
    assert [(work.location, work.state) for work in view.works] == [("camden", "offered")]
    assert [(p.kind, p.at.isoformat()) for p in view.promises] == [("ready_by", "2026-03-03T14:00:00+00:00")]
    assert view.owner is not None
    assert (view.owner.role, view.owner.location) == ("associate", "camden")
    assert view.owner.next_deadline.isoformat() == "2026-03-03T12:10:00+00:00"
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.reserved) == (3, 2)
    assert await shop.said() == [("confirmed", "queued")]
    happened = await shop.happened()
    assert {"orders.placed", "fulfillment.offered"} <= set(happened)
    async with run.reading() as read:
        dogs = await read.all(text("SELECT waits_for FROM watch.watchdogs ORDER BY due_at"))
    assert [dog.waits_for for dog in dogs] == ["accept", "ready"]


async def test_what_was_placed_is_what_would_be_read(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    await shop.shelf("soho", "LAMP-02", 9)
    line = replace(wanted("LAMP-02", 2, place="soho"), tax=gbp("1.10"), discount=gbp("0.50"))
    placed = await place(run, asked(wanted(), line, terms={"gift": True}, shipping=gbp("2.00")))
    async with run.reading() as read:
        assert (await overviews(read, [placed.order_id]))[placed.order_id] == placed.view


async def test_the_same_again_is_the_same_order(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    first, again = await place(run, asked()), await place(run, asked())
    assert (first.created, again.created) == (True, False)
    assert first.order_id == again.order_id
    with pytest.raises(Problem) as refused:
        await place(run, asked(wanted(quantity=2)))
    assert (refused.value.status, refused.value.code) == (409, "reference-reused")


async def test_sold_out_names_the_line_and_what_is_left_where(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    await shop.shelf("soho", "MUG-01", 4)
    with pytest.raises(Problem) as refused:
        await place(run, asked(wanted(quantity=2)))
    problem = refused.value
    assert (problem.status, problem.code) == (409, "sold-out")
    assert problem.facts["lines"] == [
        {"line": 1, "item": "MUG-01", "location": "camden", "quantity": 2, "available": 1}
    ]
    assert {(one["location"], one["available"]) for one in problem.facts["left"]} == {  # type: ignore[attr-defined]  # a list of facts
        ("camden", 1),
        ("soho", 4),
    }
    assert await count(run, "orders.orders") == 0
    assert await count(run, 'orders."references"') == 0


async def test_a_list_is_decided_in_the_order_of_arrival(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 2)
    asks = [asked(reference=f"W-{n}") for n in range(4)] + [asked(reference="W-1")]

    async def together(tx: Tx) -> Sequence[Placed | Problem]:
        return await place_orders(tx, [Asked(SYSTEM, None, new) for new in asks])

    answers = await run.perform(SYSTEM, together)
    assert [isinstance(a, Placed) or a.code for a in answers] == [True, True, "sold-out", "sold-out", True]
    assert answers[4].order_id == answers[1].order_id  # type: ignore[union-attr]  # both were placed
    assert await count(run, 'orders."references"') == 2


async def test_what_somebody_else_sold_is_kept_and_its_customer_asked(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 1)
    await shop.shelf("soho", "MUG-01", 9)
    placed = await place(run, asked(wanted(quantity=3)), sold_elsewhere=True)
    assert placed.view.state == "placed"
    assert dict(placed.view.lines[0].states) == {"reserved": 1, "short": 2}
    assert {kind for kind, _ in await shop.said()} == {"confirmed", "short-at-arrival"}
    stock = await shop.stock("soho", "MUG-01")
    assert stock.held == 2, "what is proposed is held"
    async with run.reading() as read:
        found = await read.one(text("SELECT kind, owner_role, state FROM watch.exceptions"))
    assert tuple(found) == ("short-at-arrival", "agent", "open")


async def test_goods_to_be_sent_come_from_the_first_warehouse_that_has_all(run: Run, shop: Shop) -> None:
    for code in ("dc-1", "dc-2"):
        await shop.place(code, kind=LocationKind.WAREHOUSE, capabilities=None)
    await shop.shelf("dc-1", "MUG-01", 1)
    await shop.shelf("dc-2", "MUG-01", 5)
    placed = await place(run, asked(wanted(quantity=2, place=None, method=Method.SHIP)))
    assert [(work.location, work.method) for work in placed.view.works] == [("dc-2", "ship")]
    assert placed.view.owner is not None
    assert placed.view.owner.role == "picker"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (wanted("NO-SUCH"), "lines[0].item"),
        (wanted(place="nowhere"), "lines[0].location"),
        (wanted(place=None), "lines[0].location"),
        (wanted(quantity=0), "lines[0].quantity"),
        (wanted(quantity=-2), "lines[0].quantity"),
        (replace(wanted(), unit_price=gbp("-1.00")), "lines[0].unit_price"),
        (replace(wanted(), tax=gbp("-0.01")), "lines[0].tax"),
    ],
)
async def test_what_cannot_be_agreed_on_is_refused_by_field(
    run: Run, shop: Shop, line: NewLine, field: str
) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    with pytest.raises(Problem) as refused:
        await place(run, asked(line))
    assert refused.value.status == 422
    assert field in [error["field"] for error in refused.value.errors]
    assert await count(run, 'orders."references"') == 0


async def test_a_place_that_never_opens_again_promises_nothing(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    await shop.place("camden", closed_from=run.clock().date())
    with pytest.raises(Problem) as refused:
        await place(run, asked())
    assert refused.value.code == "never-opens-again"


async def test_placing_needs_the_permission(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    stranger = Actor("p1", ActorKind.PERSON, "Noa Levi")
    with pytest.raises(NotAllowed):
        await run.perform(stranger, place_order, asked())


async def test_money_is_written_down_as_told(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 3)
    two = (
        NewPayment("captured", gbp("10.00"), "voucher", "v-1"),
        NewPayment("authorized", gbp("9.90"), "card"),
    )
    paid = await place(run, asked(payments=two))
    unpaid = await place(run, asked(reference="W-2", payments=()))
    async with run.reading() as read:
        known, pending = (
            await payments.money(read, paid.order_id),
            await payments.money(read, unpaid.order_id),
        )
    assert [tender.state.value for tender in known.tenders] == ["captured", "authorized"]
    assert [(fact.kind, fact.amount) for fact in known.facts] == [
        ("captured", gbp("10.00")),
        ("authorized", gbp("9.90")),
    ]
    assert [tender.state.value for tender in pending.tenders] == ["pending"]
    assert unpaid.view.state == "placed"
