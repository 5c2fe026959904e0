"""Another item for what waits in the parking queue: it is held, and the customer is asked. Nothing changes before they agree.

The offer is a promise of the kind *answer by* about the whole order: until then the units are kept. No answer, no, or a
withdrawn offer: the order waits on as it did. One offer for an order at a time.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from ambidex.domains import catalogue, inventory, messages, orders, promises, watch
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.flows import options, ownership
from ambidex.flows.choose_again import Case, case_of
from ambidex.flows.loose import Loose
from ambidex.flows.placing import Routed
from ambidex.flows.say import say
from ambidex.flows.what_waits import Bought, must_be_ours, what_waits
from ambidex.flows.worth import worth_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import ItemId, OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, MovedOn, Problem
from ambidex.kernel.values import replace
from ambidex.kernel.words import seen
from ambidex.runtime.db import Read, Tx

INSTEAD, KEEP_WAITING = "instead", "keep-waiting"
CAUSE = "another_item"
ANSWER_WITHIN, ANSWER_WITHIN_MAX = timedelta(hours=24), timedelta(days=7)
DEFAULT_WORDS = "we keep looking for what you bought."
MADE = ("promises.made",)
PURPOSE = "offered instead"


class OfferIsOpen(MovedOn):
    """Something else is offered to this customer already, and they have not answered."""

    code = "offer-is-open"
    advice = "Wait for their answer, say it for them if they called, or withdraw that offer first."


class NoOffer(MovedOn):
    """Nothing is offered to this customer any more."""

    code = "no-offer"
    advice = "It was answered, withdrawn, or found meanwhile; look at the order."


class CannotBePromised(Problem):
    """Nobody who may serve this customer has enough of that item now."""

    status, code = 409, "cannot-be-promised"
    advice = "Choose another one; those that can be promised are listed."


async def offer_item(
    tx: Tx,
    *,
    order_id: OrderId,
    line_no: int,
    item: str,
    price_each: Money | None = None,
    answer_within: timedelta = ANSWER_WITHIN,
) -> Promise:
    """Ask the customer whether they would take that; the promise that it is kept for them. The same offer again is the same.

    No price: what they bought it for, or what the other one costs where that is less. Raises OfferIsOpen,
    CannotBePromised, SoldByAShop, BadInput, and NothingIsParked where nothing of the line waits. A kit is offered for whole.
    """
    tx.actor.must(Permission.ORDERS_CANCEL)
    order = await orders.lock_order(tx, order_id)
    bought = await what_waits(tx, order, line_no)
    await must_be_ours(tx, order)
    ware = await catalogue.by_sku(tx, item)
    instead = _instead(order, bought, ware, price_each)
    if known := await open_offer(tx, order_id):
        if known.facts["instead"] == _facts(instead):
            return known
        raise OfferIsOpen(order_id=order_id.hex)
    if await promises.open_promises(tx, order_id, work_no=0, kind=PromiseKind.ANSWER_BY):
        raise OfferIsOpen("they are asked about another part of the order", order_id=order_id.hex)
    if not timedelta() < answer_within <= ANSWER_WITHIN_MAX:
        raise BadInput(errors=[{"field": "answer_within", "expected": "up to 7 days"}])
    promise = await _keep_for_them(tx, order, bought, instead, until=answer_within)
    await ownership.settle(tx, order_id)
    return promise


async def withdraw_offer(tx: Tx, *, order_id: OrderId, reason: str) -> orders.Order:
    """Nobody is offered this any more, and the customer hears so; they wait on as before. Raises NoOffer."""
    tx.actor.must(Permission.ORDERS_CANCEL)
    order = await orders.lock_order(tx, order_id)
    promise = await open_offer(tx, order_id)
    if promise is None:
        raise NoOffer(order_id=order_id.hex)
    if not seen(reason):
        raise BadInput(errors=[{"field": "reason", "expected": "why, in a few words"}])
    await let_go(tx, promise, cause=seen(reason))
    await options.unsay_offer(tx, order, promise, reason="the offer was withdrawn")
    await ownership.settle(tx, order_id)
    return order


async def open_offer(read: Read, order_id: OrderId) -> Promise | None:
    """What this customer is offered in place of something that waits."""
    found = await promises.open_promises(read, order_id, work_no=0, kind=PromiseKind.ANSWER_BY)
    return next((one for one in found if "instead" in one.facts), None)


async def let_go(tx: Tx, promise: Promise, *, cause: str) -> None:
    """The offer stands no more: what was held for it is free, and nobody waits for an answer."""
    await options.let_holds_go(tx, promise)
    await promises.release(tx, promise.order_id, work_no=0, kind=PromiseKind.ANSWER_BY, cause=cause)
    await watch.cancel(tx, promise.order_id, work_no=0, waits_for=watch.WaitsFor.ANSWER)


async def withdraw_if_found(tx: Tx, order_id: OrderId, lines: set[int]) -> None:
    """What they bought was found for one of these lines: they get that, and no other item is offered for it."""
    promise = await open_offer(tx, order_id)
    if promise is not None and not lines.isdisjoint(options.units_of(promise)):
        await let_go(tx, promise, cause="what they bought was found")


def instead_of(promise: Promise) -> orders.Replacing.Item:
    """What was offered."""
    said = promise.facts["instead"]
    price = Money(int(said["price_minor"]), str(said["currency"]))
    return orders.Replacing.Item(
        int(said["line_no"]), int(said["units"]), ItemId(UUID(said["item_id"])), said["sku"], said["title"], price,
        options.units_of(promise),
    )  # fmt: skip


async def looked_at(
    tx: Tx, order: orders.Order, instead: orders.Replacing.Item
) -> tuple[Loose, Case, Routed]:
    """What the engine says of the other item, as a line that the order may have."""
    worth = worth_of(order, instead.replaces)
    line = orders.Replacing.line(order, instead, worth=worth)
    asked = replace(order, lines=(*order.lines, line))
    loose = Loose(asked, {line.line_no: instead.units}, orders.LineState.OPEN, CAUSE)
    case = await case_of(tx, loose)
    return loose, case, case.decided()


def _instead(
    order: orders.Order, bought: Bought, ware: catalogue.Item, price_each: Money | None
) -> orders.Replacing.Item:
    """All that waits of it, at a price for all of it."""
    if ware.item_id in {bought.item_id, *(line.item_id for line in bought.lines)} or ware.is_kit:
        raise BadInput(errors=[{"field": "item", "expected": "another item, which is no kit"}])
    paid, units = worth_of(order, bought.replaces), bought.units
    if price_each is not None and (price_each.currency != order.currency or price_each.minor < 0):
        raise BadInput(errors=[{"field": "price_each", "expected": f"an amount in {order.currency}"}])
    is_listed = ware.price.currency == order.currency and ware.price.minor
    listed = _with_tax(order, bought, ware.price * units) if is_listed else paid
    price = min(paid, listed) if price_each is None else price_each * units
    return orders.Replacing.Item(
        bought.line_no, units, ware.item_id, ware.sku, ware.title, price, bought.replaces
    )


def _with_tax(order: orders.Order, bought: Bought, listed: Money) -> Money:
    """What is listed, as this customer would pay it: with the tax of what they bought where that stands above the price."""
    goods = sum(line.unit_price.minor * line.quantity - line.discount.minor for line in bought.lines)
    tax = sum(line.tax.minor for line in bought.lines)
    above = 0 if order.prices_include_tax or not goods else listed.minor * tax // goods
    return Money(listed.minor + above, listed.currency)


async def _keep_for_them(
    tx: Tx, order: orders.Order, bought: Bought, instead: orders.Replacing.Item, *, until: timedelta
) -> Promise:
    _, case, routed = await looked_at(tx, order, instead)
    if not routed.decided.plan.parts or routed.decided.plan.unfilled:
        raise CannotBePromised(
            f"nobody may send {instead.units} × {instead.title} there now", item=instead.sku
        )
    answer_by = tx.now + until
    holds = await _hold(tx, order, case, routed, until=until)
    facts: dict[str, Any] = {
        "options": _options(order, bought, instead),
        "default": KEEP_WAITING,
        "default_words": DEFAULT_WORDS,
        "cause_words": f"Nobody has {bought.title} at this moment, but we can send you {instead.title}.",
        "units": {str(number): units for number, units in instead.replaces.items()},
        "origin": orders.LineState.BACKORDERED.value,
        "holds": {INSTEAD: holds},
        "instead": _facts(instead),
        "offered_by": tx.actor.name,
    }
    await promises.make(tx, [NewPromise(order.order_id, PromiseKind.ANSWER_BY, answer_by, facts=facts)])
    await watch.arm(tx, [watch.NewWatchdog(order.order_id, watch.WaitsFor.ANSWER, answer_by)])
    promise = await open_offer(tx, order.order_id)
    assert promise is not None, "it was made a moment ago"
    await say(
        tx, order, messages.MessageKind.OPTIONS, fact_key=f"offer:{promise.promise_no}", proof=MADE, answer_by=answer_by,
        items=[{"name": bought.title, "quantity": bought.units}],
        **{name: facts[name] for name in ("options", "default_words", "cause_words")},
    )  # fmt: skip
    return promise


async def _hold(
    tx: Tx, order: orders.Order, case: Case, routed: Routed, *, until: timedelta
) -> list[tuple[int, str, str]]:
    """Kept where the engine would send it from, until the answer is due."""
    places = {place.code: place for place in case.words.senders}
    [part] = case.parts
    taken = [
        part.sent_from(places[planned.site], units)
        for planned in routed.decided.plan.parts
        for units in planned.lines.values()
    ]
    kept = {one.position: case.stand.kept_from(one) for one in taken}
    wanted = [(one.position, None, one.wanted) for one in taken]
    made = await inventory.hold_all(
        tx, wanted, order_id=order.order_id, purpose=PURPOSE, expires_at=tx.now + until, kept=kept
    )
    return [(part.line_no, str(one.item.item_id), str(hold)) for one, hold in zip(taken, made, strict=True)]


def _options(order: orders.Order, bought: Bought, instead: orders.Replacing.Item) -> list[dict[str, str]]:
    """What the customer reads; a price that is not theirs is said to the coin."""
    more = instead.price - worth_of(order, instead.replaces)
    what = f"Send me {instead.units} × {instead.title} instead"
    if more.minor > 0:
        what += f", for {more.decimal} {more.currency} more"
    elif more.minor < 0:
        what += f"; {(more * -1).decimal} {more.currency} of it come back to me"
    return [
        {"key": INSTEAD, "words": what},
        {"key": KEEP_WAITING, "words": f"No, I wait for {bought.title}"},
    ]


def _facts(instead: orders.Replacing.Item) -> dict[str, object]:
    return {
        "line_no": instead.line_no,
        "units": instead.units,
        "item_id": str(instead.item_id),
        "sku": instead.sku,
        "title": instead.title,
        "price_minor": instead.price.minor,
        "currency": instead.price.currency,
    }
