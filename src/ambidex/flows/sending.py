"""Lines of an order that somebody is to send: which places the engine chooses, and when it arrives. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import routing
from ambidex.domains.availability import Ask
from ambidex.domains.inventory import Place
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Method
from ambidex.domains.promises import Plan
from ambidex.domains.routing import Shelf, Snapshot
from ambidex.flows import snapshots
from ambidex.flows.calendar import paused_words
from ambidex.flows.placing import Part, Routed, Words
from ambidex.flows.snapshots import Goods
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.values import dataclass, field

Room = Callable[[Part], int]
# per mille that a pick succeeds at a position of which so many are free
Chance = Callable[[Place, int], int]


@dataclass(slots=True)
class Sent:
    """Parts with their places, what is promised of each place and method, and why it was decided so."""

    parts: list[Part]
    plans: dict[tuple[LocationId, Method], Plan] = field(default_factory=dict)
    routed: tuple[Routed, ...] = ()

    def with_more(self, other: Sent) -> Sent:
        return Sent([*self.parts, *other.parts], self.plans | other.plans, (*self.routed, *other.routed))


@dataclass(frozen=True, slots=True)
class Buyer:
    """For whom it is sent: `promised_by` is the day the customer was told, which is not broken if somebody can keep it."""

    order_id: OrderId
    address: Mapping[str, Any]
    brand: str = ""
    promised_by: datetime | None = None
    cause: str = "placed"

    @classmethod
    def of(cls, draft: Draft) -> Buyer:
        """Who places an order."""
        return cls(draft.order_id, draft.new.address or {}, str(draft.new.terms.get("brand") or ""))


def send(
    buyer: Buyer, parts: Sequence[Part], words: Words, *, room: Room, chance: Chance, is_sold: bool
) -> Sent | None:
    """Who sends these lines of one method; None when no place may serve this customer.

    Units that nobody can send stand at the place that has most of them, where they will be found to lack.
    """
    ask = parts[0].ask
    out = out_of(words, ask)
    able = [place for place in words.senders if place.code not in out]
    if not able and not is_sold:
        return None
    out = out if able else {}
    assert words.rules is not None, "the rules were looked up"
    shelf = shelves(parts, room, chance, prices=words.rules.prices)
    routed = choose(asked_of(buyer, parts, words, shelf=shelf, out=out))
    plan = routed.decided.plan
    units = {(line, part.site): n for part in plan.parts for line, n in part.lines.items()}
    by_no = {part.line_no: part for part in parts}
    lacking = {line_no: n for line_no, n in plan.unfilled.items() if n}
    for line_no, place in _where_most(lacking, by_no, able or words.senders, words, room).items():
        key = line_no, place.code
        units[key] = units.get(key, 0) + lacking[line_no]
    places = {place.code: place for place in words.senders}
    sent = Sent([by_no[line].sent_from(places[code], n) for (line, code), n in units.items()])
    sent.plans = plans_of(plan, words, parts[0].new.method)
    late = [part for part in sent.parts if (part.place.location_id, part.new.method) not in sent.plans]
    sent.plans.update(planned_from(buyer, late, words))
    sent.routed = (routed,)
    return sent


@dataclass(frozen=True, slots=True)
class Asked:
    """What the engine is asked: the snapshot, and which arm of the buyer's brand's rules decides."""

    buyer: Buyer
    snapshot: Snapshot
    arm: str


def choose(asked: Asked) -> Routed:
    """What the engine decides, with its receipt."""
    decided = routing.decide(asked.snapshot)
    return Routed(asked.snapshot, decided, asked.buyer.brand, asked.arm, cause=asked.buyer.cause)


def plans_of(plan: routing.Plan, words: Words, method: Method) -> dict[tuple[LocationId, Method], Plan]:
    """What is promised of each part of a plan."""
    assert words.sending is not None, "whoever sends was looked up"
    places = {place.code: place for place in words.senders}
    return {
        (places[part.site].location_id, method): snapshots.delivery_plan(
            places[part.site], part, now=words.sending.now
        )
        for part in plan.parts
    }


def planned_from(buyer: Buyer, parts: Sequence[Part], words: Words) -> dict[tuple[LocationId, Method], Plan]:
    """When it arrives from a place that somebody else chose; nothing for one that never sends again."""
    found: dict[tuple[LocationId, Method], Plan] = {}
    for part in parts:
        key = part.place.location_id, part.new.method
        if key not in found:
            asked = asked_of(buyer, [part], words, at=part.place, shelf=_plenty)
            for planned in routing.plan(asked.snapshot).parts:
                found[key] = snapshots.delivery_plan(part.place, planned, now=part.ask.now)
    return found


def asked_of(
    buyer: Buyer,
    parts: Sequence[Part],
    words: Words,
    *,
    shelf: Callable[[Goods, Location], Shelf],
    at: Location | None = None,
    out: Mapping[str, tuple[str, ...]] | None = None,
) -> Asked:
    """About these lines of one method."""
    assert words.rules is not None, "the rules were looked up"
    assert words.sending is not None, "and whoever sends"
    ask = parts[0].ask
    policy, arm = words.rules.version_for(buyer.brand, buyer.order_id)
    goods = [_goods(part) for part in parts]
    point = snapshots.point_of(buyer.address, ask.country, ask.postcode, words.sending.near)
    demand = snapshots.demand_of(
        buyer.order_id.hex, goods, ask=ask, point=point, brand=buyer.brand,
        promised_by=buyer.promised_by, is_promised=buyer.promised_by is not None,
    )  # fmt: skip
    candidates = words.senders if at is None else [at]
    snapshot = snapshots.snapshot_of(
        demand, goods, senders=words.sending, candidates=candidates, policy=policy, shelf=shelf, out=out
    )
    return Asked(buyer, snapshot, arm)


def _goods(part: Part) -> Goods:
    new = part.new
    value = new.unit_price.minor * new.quantity - (new.discount.minor if new.discount else 0)
    return Goods(part.line_no, part.item, part.wanted, max(0, value), part.kit.no if part.kit else 0)


def shelves(
    parts: Sequence[Part], room: Room, chance: Chance, *, prices: routing.scarce.PriceList
) -> Callable[[Goods, Location], Shelf]:
    """What an order may have at a place, how sure it is found there, and what a unit is worth to others."""
    by_no = {part.line_no: part for part in parts}

    def shelf(goods: Goods, place: Location) -> Shelf:
        free = room(by_no[goods.line_no].sent_from(place, goods.units))
        if free <= 0:
            return Shelf(0)
        price = prices.price(goods.item.sku, place.code, free=free, now=parts[0].ask.now)
        return Shelf(free, chance((goods.item.item_id, place.location_id), free), price)

    return shelf


def _plenty(goods: Goods, _: Location) -> Shelf:
    return Shelf(goods.units)


def out_of(words: Words, ask: Ask) -> dict[str, tuple[str, ...]]:
    """Places that may not serve this customer, and why."""
    reasons = ((place, _why_not(place, words, ask)) for place in words.senders)
    return {place.code: (why,) for place, why in reasons if why is not None}


def _why_not(place: Location, words: Words, ask: Ask) -> str | None:
    """Why a place may not serve this customer, or takes no work now."""
    left_out = words.book.why_not(place, ask)
    if left_out is not None:
        return left_out.value
    paused = None if words.calendar is None else words.calendar.pause_of(place, ask.method)
    return None if paused is None else paused_words(paused, place)


def _where_most(
    lacking: Mapping[int, int], by_no: Mapping[int, Part], able: Sequence[Location], words: Words, room: Room
) -> dict[int, Location]:
    """By line, the place that has most of what nobody can send whole; parts of a kit stand at one. Open ones first."""
    groups: dict[object, list[Part]] = {}
    for line_no in lacking:
        part = by_no[line_no]
        groups.setdefault(("kit", part.kit.no) if part.kit else line_no, []).append(part)
    open_ones = [place for place in able if words.plans[place.location_id] is not None] or list(able)

    def most(group: Sequence[Part]) -> Location:
        return max(open_ones, key=lambda at: min(room(part.sent_from(at, part.wanted)) for part in group))

    found = ((group, most(group)) for group in groups.values())
    return {part.line_no: place for group, place in found for part in group}
