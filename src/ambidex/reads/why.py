"""Why is this 3: the number that a customer of a channel is promised, with everything that made it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from ambidex.domains.availability import Answer, Ask, Bucket, Decided, KitAnswer, LeftOut, Offer, Stock
from ambidex.domains.catalogue import UnknownItem
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import Coming, Look, Spot, Ware, coming, look_by_sku
from ambidex.reads.stock_rules import Named, RuleView, name_rules, view_of
from ambidex.runtime.db import Read


@dataclass(frozen=True, slots=True)
class Counts:
    """A number and the rule that says it; None: it came with the stock, or nothing is written."""

    units: int
    rule: RuleView | None


@dataclass(frozen=True, slots=True)
class PlaceWhy:
    """One place's part. For a kit `stock` and the numbers are None: its components tell them."""

    spot: Spot
    available: int
    left_out: LeftOut | None = None
    stock: Stock | None = None
    safety: Counts | None = None
    floor: Counts | None = None


@dataclass(frozen=True, slots=True)
class ThresholdWhy:
    """What is kept from the channel, once, off what these places have together."""

    counts: Counts
    places: tuple[str, ...]
    together: int
    left: int


@dataclass(frozen=True, slots=True)
class Then:
    """Units that will come, and what this customer could have then. `day` is the place's own."""

    day: date
    at: datetime
    spot: Spot
    units: int
    reference: str
    kind: str
    available_then: int


@dataclass(frozen=True, slots=True)
class Why:
    """The number and its parts. `withheld`: units that places offer and thresholds keep back."""

    ware: Ware
    ask: Ask
    routed: bool
    available: int
    withheld: int
    places: tuple[PlaceWhy, ...]
    thresholds: tuple[ThresholdWhy, ...] = ()
    inbound: tuple[Then, ...] = ()
    made_of: tuple[tuple[Why, int], ...] = ()


async def why(read: Read, sku: str, ask: Ask, *, location: str = "", routed: bool) -> Why:
    """Why this customer is promised so many of an item; at one place when it is named. UnknownItem."""
    look = await look_by_sku(read, [sku])
    ware = next((ware for ware in look.items.values() if ware.sku == sku), None)
    if ware is None:
        raise UnknownItem(sku, item=sku)
    arriving = await coming(read, look.items.keys())
    if location:
        look = look.within([at for at, spot in look.spots.items() if spot.code == location])
        arriving = [one for one in arriving if one.spot.code == location]
    named = await name_rules(read, look.book.rules_used([look.items[i] for i in look.items]))
    told = _Telling(look, ask, routed, named)
    return told.whole(ware, arriving)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One look, told to one asker."""

    look: Look
    ask: Ask
    routed: bool
    named: Named

    def whole(self, ware: Ware, arriving: Sequence[Coming]) -> Why:
        answer = self.look.answer(ware.item_id, self.ask, routed=self.routed)
        inbound = tuple(self._then(ware.item_id, arriving))
        if isinstance(answer, KitAnswer):
            return self._kit(ware, answer, inbound)
        return self._item(ware, answer, inbound)

    def _item(self, ware: Ware, answer: Answer, inbound: tuple[Then, ...] = ()) -> Why:
        return Why(
            ware,
            self.ask,
            self.routed,
            answer.total,
            answer.withheld,
            tuple(self._place(answer, offer) for offer in answer.offers),
            tuple(self._threshold(bucket) for bucket in answer.buckets),
            inbound,
        )

    def _kit(self, ware: Ware, answer: KitAnswer, inbound: tuple[Then, ...]) -> Why:
        reasons = {o.location_id: o.left_out for part, _ in answer.parts for o in part.offers}
        places = tuple(PlaceWhy(self.look.spots[at], answer.at(at), reasons[at]) for at in answer.places)
        together = sum(max(0, one.available) for one in places)
        parts = tuple((self._item(self.look.items[part.item_id], part), n) for part, n in answer.parts)
        total = answer.total
        return Why(ware, self.ask, self.routed, total, together - total, places, (), inbound, made_of=parts)

    def _place(self, answer: Answer, offer: Offer) -> PlaceWhy:
        return PlaceWhy(
            self.look.spots[offer.location_id],
            answer.at(offer.location_id),
            offer.left_out,
            offer.stock,
            self._counts(offer.safety),
            self._counts(offer.floor),
        )

    def _threshold(self, bucket: Bucket) -> ThresholdWhy:
        codes = sorted(self.look.spots[at].code for at in bucket.places)
        return ThresholdWhy(self._counts(bucket.decided), tuple(codes), bucket.together, bucket.left)

    def _counts(self, decided: Decided) -> Counts:
        return Counts(decided.units, None if decided.rule is None else view_of(decided.rule, self.named))

    def _then(self, item_id: ItemId, arriving: Sequence[Coming]) -> Iterable[Then]:
        """Each arrival, with what could be had when it and all before it are there and nothing else changed."""
        for count, one in enumerate(arriving, start=1):
            future = self.look.after(arriving[:count])
            then = future.answer(item_id, self.ask, routed=self.routed).total
            day = one.at.astimezone(one.spot.zone).date()
            yield Then(day, one.at, one.spot, one.units, one.reference, one.kind, then)
