"""Placing orders, many at once: keys first, decide on an unlocked look, write what survived, take the stock last.

If the stock changed its mind meanwhile, everything is rolled back once and begun again with the stock locked first.
Alone, an order is a list of one. The order, its money, its reservations, the work offered, the promise with its
milestones, the watchdogs, the owner and the confirmation become true together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ambidex.domains import fulfillment, inventory, locations, messages, orders, payments, promises, watch
from ambidex.domains.inventory import SoldOut
from ambidex.domains.orders import Draft, NewOrder, Order, OrderState
from ambidex.domains.promises import NeverOpensAgain
from ambidex.flows import placing
from ambidex.flows.follow_up import FollowUp
from ambidex.flows.order_words import look_up
from ambidex.flows.placing import Decision, Shelf, Words
from ambidex.flows.short_at_arrival import ask_customers
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.reads.orders import OrderView, overviews
from ambidex.runtime import outbox
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again


@dataclass(frozen=True, slots=True)
class Placed:
    """An order as it stands; `created` is False when the same content was placed before."""

    view: OrderView
    created: bool

    @property
    def order_id(self) -> OrderId:
        return self.view.order_id


async def place_order(tx: Tx, new: NewOrder, *, sold_elsewhere: bool = False) -> Placed:
    """Place one order; see `place_orders`. Raises its Problem."""
    [placed] = await place_orders(tx, [Asked(tx.actor, None, new)], sold_elsewhere=sold_elsewhere)
    if isinstance(placed, Problem):
        raise placed
    return placed


async def place_orders(
    tx: Tx, asked: Sequence[Asked[NewOrder]], *, sold_elsewhere: bool = False
) -> list[Placed | Problem]:
    """Place a list; each is answered with the order or a refusal as a value.

    `sold_elsewhere`: another system has sold these already, so they are kept even when stock lacks; what is
    short is owned and its customer asked. Raises Again when the stock changed between the look and the take.
    """
    words = await look_up(tx, [one.command for one in asked])
    drafts = [_draft(tx, one, words) for one in asked]
    sound = [draft for draft in drafts if isinstance(draft, Draft)]
    answers = await orders.claim_keys(tx, sound)
    fresh = [draft for draft in sound if draft.order_id not in answers]
    decisions, refused = await _decide(tx, fresh, words, sold_elsewhere=sold_elsewhere)
    written, views = await _write(tx, decisions, words, refused=[d for d in fresh if d.order_id in refused])
    await ask_customers(tx, decisions, written)
    answers = {**answers, **refused}
    known = [known for known in answers.values() if not isinstance(known, Problem)]
    unseen = [order_id for order_id in (*known, *written) if order_id not in views]
    views = {**views, **await overviews(tx, unseen)}
    return [_answer(draft, answers, views) for draft in drafts]


def _draft(tx: Tx, asked: Asked[NewOrder], words: Words) -> Draft | Problem:
    """What is asked with an id of its own, or why it is not even looked at."""
    if not asked.actor.may(Permission.ORDERS_PLACE):
        return NotAllowed(f"{asked.actor.name} may not place orders")
    source = words.sources[asked.command.source]
    if isinstance(source, Problem):
        return source
    return Draft(tx.new_id(), source.source_id, asked.command, asked.actor)


def _answer(
    draft: Draft | Problem, answers: Mapping[OrderId, OrderId | Problem], views: Mapping[OrderId, OrderView]
) -> Placed | Problem:
    if isinstance(draft, Problem):
        return draft
    settled = answers.get(draft.order_id)
    if isinstance(settled, Problem):
        return settled
    return Placed(views[settled or draft.order_id], created=settled is None)


async def _decide(
    tx: Tx, drafts: Sequence[Draft], words: Words, *, sold_elsewhere: bool
) -> tuple[list[Decision], dict[OrderId, Problem]]:
    """Decide in the order of arrival. On a second try the stock is locked first, so that nothing changes its mind."""
    positions = _positions(drafts, words)
    if tx.attempt:
        await inventory.lock_stock(tx, positions)
    items = {item_id for item_id, _ in positions}
    shelf = Shelf(await inventory.available(tx, items, {at for _, at in positions}) if positions else {})
    decisions: list[Decision] = []
    refused: dict[OrderId, Problem] = {}
    for draft in drafts:
        decision = _decide_one(draft, words, shelf, sold_elsewhere=sold_elsewhere)
        if isinstance(decision, Problem):
            refused[draft.order_id] = decision
        else:
            decisions.append(decision)
    if shelf.refused:
        refused |= await _say_what_is_left(tx, shelf, words)
    return decisions, refused


def _decide_one(draft: Draft, words: Words, shelf: Shelf, *, sold_elsewhere: bool) -> Decision | Problem:
    wish = placing.understand(draft, words, shelf.left)
    if isinstance(wish, Problem):
        return wish
    if sold_elsewhere:
        return shelf.give_what_is_there(wish, words.plans)
    for part in wish.parts:
        if words.plans[part.place.location_id] is None:
            return NeverOpensAgain(location=part.place.code)
    return shelf.give(wish)


def _positions(drafts: Iterable[Draft], words: Words) -> set[inventory.Place]:
    """Every position these orders may take from."""
    found = set()
    for line in (line for draft in drafts for line in draft.new.lines):
        places = [words.places.get(line.location)] if line.location else words.warehouses
        item = words.items.get(line.sku)
        found |= {(item.item_id, place.location_id) for place in places if place and item}
    return found


async def _say_what_is_left(tx: Tx, shelf: Shelf, words: Words) -> dict[OrderId, SoldOut]:
    """Refusals in the caller's words, with the other places that still have it."""
    items = {claim.item_id for claims in shelf.refused.values() for claim in claims}
    everywhere = {**await inventory.available(tx, items), **shelf.left}
    wanted = {at for claims in shelf.refused.values() for at in (c.location_id for c in claims)}
    at = {location_id for (_, location_id), units in everywhere.items() if units > 0} | wanted
    codes = {place.location_id: place.code for place in (await locations.by_ids(tx, sorted(at))).values()}
    return {
        order_id: placing.explain(claims, everywhere, items=words.items.values(), places=codes)
        for order_id, claims in shelf.refused.items()
    }


async def _write(
    tx: Tx, decisions: Sequence[Decision], words: Words, *, refused: Sequence[Draft]
) -> tuple[dict[OrderId, Order], dict[OrderId, OrderView]]:
    """Write everything in one statement, and take the stock with the last."""
    states = [OrderState.CONFIRMED if d.is_secured else OrderState.PLACED for d in decisions]
    agreed = [(d.draft, placing.lines_of(d), state) for d, state in zip(decisions, states, strict=True)]
    known = {decision.draft.order_id: decision for decision in decisions}
    follow = FollowUp(words, tx.now)
    written, rows = orders.begin(
        tx, agreed, with_it=lambda order: follow.add(order, known[order.order_id]), refused=refused
    )
    await outbox.write(
        tx,
        *rows,
        *payments.begin(tx, follow.tenders),
        *fulfillment.begin(tx, follow.works),
        promises.begin(tx, follow.promises),
        *watch.begin(tx, follow.watchdogs, follow.owners),
        messages.begin(tx, follow.messages),
    )
    if await inventory.try_reserve(tx, follow.claims):
        raise Again
    return {order.order_id: order for order in written}, follow.views
