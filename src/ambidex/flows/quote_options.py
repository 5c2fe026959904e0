"""What may be promised for a basket: each method with its places, times, price and confidence, or why not. Pure.

Pickup: the near places that have all of it, each by its own clock. Sent: the plan of the routing engine, at each speed that
the version of the rules knows. Confidence is the chance that every pick of the option succeeds (reads/confidence.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from ambidex.domains import promises, routing
from ambidex.domains.availability import Ask
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method
from ambidex.domains.promises import NeverOpensAgain, Plan
from ambidex.domains.routing import Policy
from ambidex.flows import snapshots
from ambidex.flows.calendar import Calendar, paused_words
from ambidex.flows.kits import Wish
from ambidex.flows.snapshots import Goods
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass, field

STANDARD = "standard"
SURE, PER_CENT = 1000, 10
NEVER_OPENS = "it does not open for long enough again"
NO_ROOM = "it has no room for more in the coming weeks"
NOBODY_SERVES = "no place may send there"
NOT_THERE = "customers do not collect there"
LACKS = "not enough is left"
WHERE_TO = "say the address it goes to"
NOT_NEAR = "no place to collect it is near"
WHERE_NEAR = "say an address, or the place"

# units that may be had of a line at a place, for who asks; and per mille that picking there succeeds
Room = Callable[[Goods, Location, Ask], int]
Chance = Callable[[Goods, Location, int], int]


@dataclass(frozen=True, slots=True)
class Share:
    """What one place gives: line number -> units. `leaves_at` is None for pickup; `cost` ours, in mills."""

    place: Location
    units: Mapping[int, int]
    starts_at: datetime
    leaves_at: datetime | None
    due_at: datetime
    cost: int


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be promised. `confidence` in per cent; `price` is what the customer pays, where that is known."""

    key: str
    method: Method
    speed: str
    name: str
    shares: tuple[Share, ...]
    confidence: int
    price: Money | None
    metres: int | None = None
    # it is sent from its share to this place, where it is collected; and as whom that place asks for it
    sent_to: Location | None = None
    asked_as: Ask | None = None

    @property
    def collected_at(self) -> Location | None:
        """Where the customer collects it; None for what is sent to them."""
        return self.sent_to or (self.shares[0].place if self.method is Method.PICKUP else None)

    @property
    def due_at(self) -> datetime:
        return max(share.due_at for share in self.shares)

    @property
    def cost(self) -> int:
        return sum(share.cost for share in self.shares)


@dataclass(frozen=True, slots=True)
class Missing:
    """A method, or a place of it, that is not offered and why; `left` units by SKU where something lacks."""

    method: Method
    why: str
    place: Location | None = None
    speed: str = ""
    left: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Speed:
    """A way of being sent: what it is called, what the customer pays, and the rules with its own rates."""

    code: str
    name: str
    policy: Policy
    price: int | None = None
    free_from: int | None = None

    def costs(self, goods: Iterable[Goods], currency: str) -> Money | None:
        """What the customer pays for these goods to be sent so; None where the rules name no price."""
        if self.price is None:
            return None
        value = sum(one.value for one in goods)
        is_free = self.free_from is not None and value >= self.free_from
        return Money(0 if is_free else self.price, currency)


def speeds_of(policy: Policy) -> list[Speed]:
    """The speeds of a version of the rules; one that names none has one."""
    found = [
        Speed(one.code, one.name, policy.at_speed(one.code), one.price, one.free_from)
        for one in policy.speeds
    ]
    return found or [Speed(STANDARD, "Standard", policy)]


def goods_of(wishes: Sequence[Wish]) -> list[Goods]:
    """The lines as they will be numbered in an order, at list prices."""
    return [
        Goods(
            line_no,
            wish.item,
            wish.new.quantity,
            wish.item.price.minor * wish.new.quantity,
            wish.kit.no if wish.kit else 0,
        )
        for line_no, wish in enumerate(wishes, start=1)
    ]


def collected_at(
    place: Location,
    goods: Sequence[Goods],
    *,
    ask: Ask,
    policy: Policy,
    stock: tuple[Room, Chance],
    metres: int | None,
    calendar: Calendar | None = None,
) -> Option | Missing:
    """Everything is collected at one place; later where its slots are full."""
    room, chance = stock
    left = {one.line_no: room(one, place, ask) for one in goods}
    lacking = _lacking(goods, left)
    if lacking:
        return Missing(Method.PICKUP, LACKS, place, left=lacking)
    plan = ready_at(place, ask, calendar)
    if isinstance(plan, str):
        return Missing(Method.PICKUP, plan, place)
    chances = [chance(one, place, left[one.line_no]) for one in goods]
    units = {one.line_no: one.units for one in goods}
    cost = cost_of_handing_over(place, goods, policy, chances)
    share = Share(place, units, plan.starts_at, None, plan.due_at, cost)
    key, free = f"{Method.PICKUP.value}:{place.code}", Money(0, goods[0].item.price.currency)
    return Option(key, Method.PICKUP, "", place.name, (share,), together(chances), free, metres)


def ready_at(
    place: Location, ask: Ask, calendar: Calendar | None, *, arrives_at: datetime | None = None
) -> Plan | str:
    """When it lies ready (from there: of what arrives then), or why it never does."""
    try:
        plan = promises.plan(place.hours, now=arrives_at or ask.now)
        if calendar is None or not calendar.concerns(place):
            return plan
        paused = calendar.pause_of(place, ask.method)
        if paused is not None:
            return paused_words(paused, place)
        ready_by = calendar.first_room(place, ask.method, ask.channel, plan.due_at)
        if ready_by is None:
            return NO_ROOM
        return (
            plan
            if ready_by == plan.due_at
            else promises.plan(place.hours, now=arrives_at or ask.now, not_before=ready_by)
        )
    except NeverOpensAgain:
        return NEVER_OPENS


def _lacking(goods: Sequence[Goods], left: Mapping[int, int]) -> dict[str, int]:
    """What is left of each SKU that does not suffice for all its lines together."""
    wanted: dict[str, int] = {}
    for one in goods:
        wanted[one.item.sku] = wanted.get(one.item.sku, 0) + one.units
    room = {one.item.sku: left[one.line_no] for one in goods}
    return {sku: max(0, room[sku]) for sku, units in wanted.items() if room[sku] < units}


def cost_of_handing_over(
    place: Location, goods: Sequence[Goods], policy: Policy, chances: Sequence[int]
) -> int:
    """Handling of the place, and what failed picks cost on average; nothing is packed for a carrier."""
    handling = policy.rates.handling_at(place.code, place.kind.value)
    risk = sum(((SURE - chance) * policy.rates.failed_pick + SURE // 2) // SURE for chance in chances)
    return handling.per_package + handling.per_unit * sum(one.units for one in goods) + risk


def sent(
    plan: routing.Plan,
    snapshot: routing.Snapshot,
    goods: Sequence[Goods],
    *,
    speed: Speed,
    method: Method,
    place_of: Callable[[str], Location],
) -> Option | Missing:
    """A plan of the engine in the words of a quote."""
    if plan.unfilled or not plan.parts:
        return Missing(method, LACKS, speed=speed.code, left=_left_of(plan, goods))
    site_of = snapshot.network.index
    shares = tuple(
        Share(
            place_of(part.site),
            dict(part.lines),
            snapshots.instant(snapshot.network.sites[site_of[part.site]].starts_at),
            snapshots.instant(part.leaves_at),
            snapshots.instant(part.arrives_at),
            part.cost,
        )
        for part in plan.parts
    )
    rows = {line.line_no: row for row, line in enumerate(snapshot.demand.lines)}
    chances = [snapshot.chance[rows[no], site_of[part.site]] for part in plan.parts for no in part.lines]
    price = speed.costs(goods, goods[0].item.price.currency)
    sure = together(int(chance) for chance in chances)
    return Option(f"{method.value}:{speed.code}", method, speed.code, speed.name, shares, sure, price)


def _left_of(plan: routing.Plan, goods: Sequence[Goods]) -> dict[str, int]:
    """Units by SKU that somebody could send, of what nobody can send wholly."""
    lacking = plan.unfilled or {one.line_no: one.units for one in goods}
    return {one.item.sku: one.units - lacking[one.line_no] for one in goods if one.line_no in lacking}


def together(chances: Iterable[int]) -> int:
    """Per cent that all of these happen; rounded down."""
    found = SURE
    for chance in chances:
        found = found * chance // SURE
    return found // PER_CENT
