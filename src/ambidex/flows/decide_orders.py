"""Deciding a list of orders in the order of arrival, over one look at the stock that they may take from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from ambidex.domains import inventory
from ambidex.domains.availability import Stock
from ambidex.domains.orders import Draft
from ambidex.domains.promises import NeverOpensAgain
from ambidex.flows import serving, slots
from ambidex.flows.kits import units_wanted
from ambidex.flows.placing import Decision, Words
from ambidex.flows.serving import Unserved
from ambidex.flows.shelf import Shelf, stock_of
from ambidex.flows.what_is_left import say_what_is_left
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import Problem
from ambidex.reads.availability import look, stock_to_take
from ambidex.reads.confidence import Doubt, doubts
from ambidex.runtime.db import Tx
from ambidex.runtime.stopwatch import Stopwatch


async def decide(
    tx: Tx, drafts: Sequence[Draft], words: Words, *, sold_elsewhere: bool
) -> tuple[list[Decision], dict[OrderId, Problem], Shelf]:
    """Decide in the order of arrival. On a second try the stock is locked first, so that nothing changes its mind."""
    shelf = await _shelf(tx, drafts, words)
    chance = partial(shelf.chance, now=tx.now)
    decisions: list[Decision] = []
    refused: dict[OrderId, Problem] = {}
    unserved: dict[OrderId, Unserved] = {}
    for draft in drafts:
        watch = Stopwatch()
        wish = serving.understand(draft, words, shelf.room, chance=chance, now=tx.now, is_sold=sold_elsewhere)
        if isinstance(wish, Unserved):
            unserved[draft.order_id] = wish
            continue
        decision = wish if isinstance(wish, Problem) else _given(wish, words, shelf, is_sold=sold_elsewhere)
        if isinstance(decision, Problem):
            refused[draft.order_id] = decision
        elif decision is not None:
            decisions.append(decision.measured(watch.microseconds) if decision.routed else decision)
            slots.note(decision, words)
    return decisions, {**refused, **await say_what_is_left(tx, shelf, unserved)}, shelf


def _given(wish: Decision, words: Words, shelf: Shelf, *, is_sold: bool) -> Decision | Problem | None:
    """What stock gives; None when it lacks."""
    fitting = slots.fit(wish, words, is_sold=is_sold)
    if isinstance(fitting, Problem):
        return fitting
    wish = fitting
    if is_sold:
        closed = frozenset(location_id for location_id, plan in words.plans.items() if plan is None)
        unplanned = {part.place.location_id for part in wish.parts if not wish.is_planned(part)}
        return shelf.give_what_is_there(wish, closed=closed | unplanned)
    for part in wish.parts:
        if words.plans[part.place.location_id] is None or not wish.is_planned(part):
            return NeverOpensAgain(location=part.place.code)
    return shelf.give(wish)


async def _shelf(tx: Tx, drafts: Iterable[Draft], words: Words) -> Shelf:
    """The stock these orders may take from. A threshold is shared by places, so its stock is locked and seen whole."""
    positions = _positions(drafts, words)
    if words.book.has_thresholds() and positions:
        items = {item_id for item_id, _ in positions}
        await inventory.lock_stock(tx, stock_of(await look(tx, items)).keys())
        seen = await look(tx, items)
        stock = dict(stock_of(seen))
        return Shelf(words.book, stock, seen, doubts=await _doubts(tx, words, stock))
    if tx.attempt:
        await inventory.lock_stock(tx, positions)
    stock = await stock_to_take(tx, positions)
    return Shelf(words.book, stock, doubts=await _doubts(tx, words, stock))


async def _doubts(
    tx: Tx, words: Words, stock: Mapping[inventory.Place, Stock]
) -> Mapping[inventory.Place, Doubt]:
    """What speaks against finding it, at the places that may be chosen; nothing is asked when every place was."""
    if words.sending is None:
        return {}
    return await doubts(tx, [place for place, one in stock.items() if one.free > 0])


def _positions(drafts: Iterable[Draft], words: Words) -> set[inventory.Place]:
    """Every position these orders may take from."""
    found = set()
    for line in (line for draft in drafts for line in draft.new.lines):
        places = [words.places.get(line.location)] if line.location else words.senders
        items = units_wanted([line], words.items)
        found |= {(item.item_id, place.location_id) for item in items for place in places if place}
    return found
