"""What a quote sees: the basket with what its words mean, and the stock of the places looked at so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from ambidex.domains import inventory, locations, routing
from ambidex.domains.availability import Ask, Stock
from ambidex.domains.orders import Method, NewLine
from ambidex.flows import quote_options as options
from ambidex.flows.kits import Wish
from ambidex.flows.near_enough import Ints
from ambidex.flows.placing import Part
from ambidex.flows.quote_sure import sure_of
from ambidex.flows.quote_words import Basket, QuoteWords, look_up
from ambidex.flows.shelf import Shelf, stock_of
from ambidex.flows.snapshots import Goods
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.values import dataclass, field, replace
from ambidex.reads.availability import look
from ambidex.reads.quotes import shelves
from ambidex.runtime.db import Read

FIRST_LOOK = 16


@dataclass(slots=True)
class View:
    """What has been seen of the stock so far; more is looked at when it is asked for."""

    basket: Basket
    words: QuoteWords
    policy: routing.Policy
    arm: str
    quote_id: UUID
    wishes: Sequence[Wish]
    goods: Sequence[Goods]
    shelf: Shelf
    known: set[LocationId] = field(default_factory=set)
    snapshots: dict[str, routing.Snapshot] = field(default_factory=dict)
    # by item: per mille by sender that a pick succeeds at the best, as of a minute ago; below 0: never had it
    sure: Mapping[ItemId, Ints] = field(default_factory=dict)
    first_look: int = FIRST_LOOK
    courses: dict[str, Any] = field(default_factory=dict)
    # units that this customer's quote before holds: they are theirs to have
    own: Mapping[inventory.Place, int] = field(default_factory=dict)
    _news: dict[tuple[int, str], NewLine] = field(default_factory=dict)

    @property
    def items(self) -> set[ItemId]:
        return {one.item.item_id for one in self.goods}

    def item_of(self, line_no: int) -> ItemId:
        return self.goods[line_no - 1].item.item_id

    def part(self, goods: Goods, place: locations.Location, ask: Ask) -> Part:
        """A line at a place, as an order would have it."""
        wish, key = self.wishes[goods.line_no - 1], (goods.line_no, ask.method)
        new = self._news.get(key)
        if new is None:
            new = self._news[key] = replace(wish.new, method=Method(ask.method))
        routed = new.method is not Method.PICKUP
        return Part(
            goods.line_no, goods.item, place, new, ask, wish.asked, goods.units, routed, kit=wish.kit
        )  # fmt: skip

    def room(self, goods: Goods, place: locations.Location, ask: Ask) -> int:
        """Units that may be had; rules are asked only where there is something and there are rules."""
        position = goods.item.item_id, place.location_id
        left = self.shelf.left.get(position, 0)
        if left <= 0 or not self.words.book.rules:
            return max(0, left - (self.shelf.stock[position].safety if left > 0 else 0))
        return max(0, self.shelf.room(self.part(goods, place, ask)))

    def chance(self, goods: Goods, place: locations.Location, free: int) -> int:
        return self.shelf.chance((goods.item.item_id, place.location_id), free, now=self.words.now)


async def view_of(
    read: Read, basket: Basket, quote_id: UUID, *, own: Mapping[inventory.Place, int] | None = None
) -> View:
    words = await look_up(read, basket)
    policy, arm = words.policy_for(basket, quote_id)
    wishes = words.goods(basket)
    goods = options.goods_of(wishes)
    view = View(basket, words, policy, arm, quote_id, wishes, goods, Shelf(words.book, {}), own=own or {})
    view.sure = await sure_of(read, words.senders, view.items, words.now)
    if words.book.has_thresholds():
        seen = await look(read, view.items)
        view.shelf = Shelf(words.book, _with_own(view, stock_of(seen)), seen, doubts={})
    return view


async def see(read: Read, view: View, places: Iterable[locations.Location]) -> None:
    """Look at the stock of these places too."""
    fresh = {place.location_id for place in places} - view.known
    if not fresh:
        return
    view.known |= fresh
    positions = {(item, place) for item in view.items for place in fresh}
    shelf = view.shelf
    if shelf.seen is None:
        known, against = await shelves(read, positions)
        stock = _with_own(view, known)
        shelf.stock.update(stock)
        shelf.left.update({place: one.free for place, one in stock.items()})
    else:
        free = [place for place in positions & shelf.stock.keys() if shelf.stock[place].free > 0]
        _, against = await shelves(read, free)
    shelf.doubts = {**shelf.doubts, **against}


def _with_own(view: View, stock: Mapping[inventory.Place, Stock]) -> dict[inventory.Place, Stock]:
    """As if the quote before had let go of what it holds, which it does before anything is held anew."""
    mine = {place: n for place, n in view.own.items() if place in stock}
    return {
        **stock,
        **{place: replace(stock[place], held=stock[place].held - n) for place, n in mine.items()},
    }
