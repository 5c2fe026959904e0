"""A running view of the stock for a list of orders: what the orders before have taken is gone for the next. Pure.

What one order may have of a position is what is free there, less what is kept from it (safety; floor when we choose
the place), no more than a threshold leaves its channel. What somebody else sold already may have all that is free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ambidex.domains.availability import Ask, Rulebook, Stock, answer
from ambidex.domains.inventory import Place
from ambidex.flows.placing import Decision, Part
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.values import dataclass, field, replace
from ambidex.reads.availability import Look, Spot
from ambidex.reads.confidence import FEW, NEVER_COUNTED, Doubt


@dataclass(frozen=True, slots=True)
class Lack:
    """A line that stock does not meet, and what this order could have there."""

    part: Part
    available: int


@dataclass(slots=True)
class Shelf:
    """`seen` knows every place of an item; without it only the positions of `stock` are known, as no threshold counts."""

    book: Rulebook
    stock: dict[Place, Stock]
    seen: Look | None = None
    left: dict[Place, int] = field(default_factory=dict)
    lacks: dict[OrderId, list[Lack]] = field(default_factory=dict)
    # what speaks against finding it there; asked when places are to be chosen
    doubts: Mapping[Place, Doubt] = field(default_factory=dict)
    # by position, in the order of taking: units kept from the taker (those waited for with them), and units taken
    _taken: dict[Place, list[tuple[int, int]]] = field(default_factory=dict)
    _chances: dict[tuple[Place, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = {place: stock.free for place, stock in self.stock.items()}

    def room(self, part: Part) -> int:
        """What this order may have of a position now; below zero where claims lost their stock."""
        return self._room(part, self._kept(part))

    def chance(self, place: Place, free: int, *, now: datetime) -> int:
        """Per mille that a pick of one line there succeeds while so many units are free."""
        few = min(free, FEW + 1)
        found = self._chances.get((place, few))
        if found is None:
            found = self.doubts.get(place, NEVER_COUNTED).chance(few, now=now)
            self._chances[place, few] = found
        return found

    def kept_from(self, part: Part) -> int:
        """How many sellable units whoever takes this part must leave unclaimed."""
        stock = self.stock.get(part.position)
        return self._kept(part) + (stock.waiting if stock else 0)

    def give(self, decision: Decision) -> Decision | None:
        """All that was asked. None when something lacks: what it is stands in `lacks`, and nothing was taken."""
        taken: list[Part] = []
        failed: dict[Place, int] = {}
        for part in decision.parts:
            kept = self._kept(part)
            room = self._room(part, kept)
            if room < part.wanted:
                failed[part.position] = room
            else:
                self._take(part, part.wanted, kept)
                taken.append(part)
        if not failed:
            return decision.all_taken()
        for part in reversed(taken):
            self._put_back(part)
        before = {part.position: self.room(part) for part in decision.parts}
        self.lacks[decision.draft.order_id] = _lacks(decision.parts, before, failed)
        return None

    def give_what_is_there(self, decision: Decision, *, closed: frozenset[LocationId]) -> Decision:
        """As much as there is at open places; the rest is short. For orders that somebody else has sold already."""
        units = []
        for part in decision.parts:
            there = 0 if part.place.location_id in closed else self.left.get(part.position, 0)
            units.append(max(0, min(part.wanted, there)))
            self._take(part, units[-1], 0)
        return decision.taken(units)

    def kept(self) -> dict[Place, int]:
        """By position, how many sellable units the statement that takes the stock must leave unclaimed.

        Taker i leaves `kept` and the takers after it take the rest, so the most that any of them asks counts.
        """
        guards: dict[Place, int] = {}
        for place, takes in self._taken.items():
            after, most = 0, None
            for kept, units in reversed(takes):
                most = kept - after if most is None else max(most, kept - after)
                after += units
            if most is not None:
                guards[place] = most
        return guards

    def may_have(self, item_id: ItemId, ask: Ask) -> dict[LocationId, int]:
        """What is left of an item at each place that may serve this customer; `seen` must know it."""
        assert self.seen is not None, "everything is looked at before a refusal is told"
        stands = [(spot, self._now(item_id, spot, one)) for spot, one in self.seen.stock.get(item_id, ())]
        found = answer(self.book, self.seen.items[item_id], stands, ask=ask, routed=False)
        units = {offer.location_id: found.at(offer.location_id) for offer in found.offers}
        return {place: n for place, n in units.items() if n > 0}

    def _now(self, item_id: ItemId, spot: Spot, stock: Stock) -> Stock:
        """The stock as the orders before have left it."""
        left = self.left.get((item_id, spot.location_id), stock.free)
        return replace(stock, sellable=stock.sellable - (stock.free - left))

    def _room(self, part: Part, kept: int) -> int:
        room = self.left.get(part.position, 0) - kept
        if room <= 0 or not self.book.has_thresholds():
            return room
        return min(room, self._threshold_room(part))

    def _kept(self, part: Part) -> int:
        stock = self.stock.get(part.position)
        with_stock = stock.safety if stock else 0
        if not self.book.rules:
            return with_stock
        safety = self.book.safety(part.item, part.place, part.ask, with_stock=with_stock).units
        return max(safety, self.book.floor(part.item, part.place, part.ask).units) if part.routed else safety

    def _threshold_room(self, part: Part) -> int:
        """What the threshold that counts here leaves of all its places together."""
        decided = self.book.threshold(part.item, part.place, part.ask)
        if decided.rule is None or self.seen is None:
            return self.left.get(part.position, 0)
        together = 0
        for spot, stock in self.seen.stock.get(part.item.item_id, ()):
            other = self.book.threshold(part.item, spot, part.ask)
            if other.rule is decided.rule and self.book.sells_from(spot, part.ask):
                safety = self.book.safety(part.item, spot, part.ask, with_stock=stock.safety).units
                together += max(0, self.left[part.item.item_id, spot.location_id] - safety)
        return max(0, together - decided.units)

    def _take(self, part: Part, units: int, kept: int) -> None:
        if not units:
            return
        stock = self.stock[part.position]
        self.left[part.position] -= units
        self._taken.setdefault(part.position, []).append((kept + stock.waiting, units))

    def _put_back(self, part: Part) -> None:
        _, units = self._taken[part.position].pop()
        self.left[part.position] += units


def _lacks(parts: Sequence[Part], before: Mapping[Place, int], failed: Mapping[Place, int]) -> list[Lack]:
    """Every line of a position that lacks, with what there was before this order took anything.

    When that would have been enough (a threshold is shared with the order's other lines): what was left at its turn.
    """
    wanted: dict[Place, int] = {}
    for part in parts:
        wanted[part.position] = wanted.get(part.position, 0) + part.wanted
    return [
        Lack(
            part,
            max(
                0, room if (room := before[part.position]) < wanted[part.position] else failed[part.position]
            ),
        )
        for part in parts
        if part.position in failed
    ]


def stock_of(seen: Look) -> Mapping[Place, Stock]:
    """The stock of a look by position."""
    return {(item, spot.location_id): one for item, found in seen.stock.items() for spot, one in found}
