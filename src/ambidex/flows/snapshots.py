"""What the engine decides from, made of what one moment knows: places on their clocks, stock that may be had. Pure.

Placing, routing again, quotes, re-optimising and test drives all build their snapshots here, so they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from ambidex.domains import promises, routing
from ambidex.domains.availability import Ask, Rulebook
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.promises import Plan
from ambidex.domains.routing import Demand, Network, Policy, Shelf, Site, Snapshot, Wanted
from ambidex.flows.calendar import Calendar
from ambidex.flows.postcodes import Point, Postcodes
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import dataclass, field

# what counts where the version of the rules says nothing
HANDLING = timedelta(minutes=90)
CUT_OFF = {LocationKind.STORE: time(16), LocationKind.SUPPLIER: time(12)}
CUT_OFF_ELSEWHERE = time(17)
DAYS_MAX = 60
# full slots that are passed over before a place leaves whenever it can
SLOTS_MAX = 60
# more places than these stand in a snapshot only when they have something that is wanted
NAMED_MAX = 100
# clocks of places with the same hours that are remembered
TIMES_MAX = 10_000
FullUntil = Callable[[datetime], datetime | None]
NEVER_SERVES = "may not serve this customer"


@dataclass(frozen=True, slots=True)
class Goods:
    """Units of one line that somebody is to send; `value` of all of them in minor units, `kit_no` 0: no part of a kit."""

    line_no: int
    item: Item
    units: int
    value: int = 0
    kit_no: int = 0


@dataclass(frozen=True, slots=True)
class Times:
    """When a place begins with work given now, has it packed, and gives it to the carrier; None: never again."""

    starts_at: datetime | None
    ready_at: datetime | None
    cut_off_at: datetime | None


@dataclass(slots=True)
class Senders:
    """The places that send, as they stand at one moment: `load` works wait there, `left` units they still may be given;
    `near` says where a postcode is.

    Make one for a list of decisions: what a place looks like under a policy is worked out once.
    """

    now: datetime
    places: Sequence[Location]
    book: Rulebook
    load: Mapping[LocationId, int] = field(default_factory=dict)
    left: Mapping[LocationId, int] = field(default_factory=dict)
    calendar: Calendar | None = None
    near: Postcodes | None = None
    _sites: dict[tuple[object, str], Site] = field(default_factory=dict)
    _networks: dict[tuple[object, tuple[str, ...]], Network] = field(default_factory=dict)
    _times: dict[object, Times] = field(default_factory=dict)

    def network(self, policy: Policy, places: Sequence[Location], ask: tuple[str, str]) -> Network:
        """These places, for the engine. `ask`: method and channel, which the room of a place depends on."""
        clocks = (policy.cut_offs, policy.handling_minutes)
        if self.calendar is not None and any(self.calendar.concerns(place) for place in places):
            return Network([self._with_room(place, policy, clocks, ask) for place in places])
        key = clocks, tuple(place.code for place in places)
        found = self._networks.get(key)
        if found is None:
            sites = [self._site(place, policy, clocks) for place in places]
            found = self._networks[key] = Network(sites)
        return found

    def _site(self, place: Location, policy: Policy, clocks: object) -> Site:
        found = self._sites.get((clocks, place.code))
        if found is None:
            found = self._sites[clocks, place.code] = self._made(place, policy)
        return found

    def _with_room(self, place: Location, policy: Policy, clocks: object, ask: tuple[str, str]) -> Site:
        """A place that may be full leaves later: its slots change with every order of the list."""
        calendar = self.calendar
        if calendar is None or not calendar.concerns(place):
            return self._site(place, policy, clocks)
        return self._made(place, policy, lambda at: calendar.full_until(place, *ask, at))

    def _made(self, place: Location, policy: Policy, full_until: FullUntil | None = None) -> Site:
        times = (
            self._times_of(place, policy)
            if full_until is None
            else times_of(place, policy, now=self.now, full_until=full_until)
        )
        groups = (g.code for g in self.book.groups.values() if place.location_id in g.places)
        return Site(
            code=place.code,
            kind=place.kind.value,
            latitude_e6=_e6(place.latitude),
            longitude_e6=_e6(place.longitude),
            zone=place.zone.key,
            starts_at=_seconds(times.starts_at) or 0,
            ready_at=_seconds(times.ready_at) or 0,
            cut_off_at=_seconds(times.cut_off_at),
            leaves_at=_seconds(times.cut_off_at),
            capacity_left=self.left.get(place.location_id),
            load=self.load.get(place.location_id, 0),
            groups=tuple(sorted(groups)),
        )

    def _times_of(self, place: Location, policy: Policy) -> Times:
        """Places of the same kind with the same hours are worked out once."""
        hours = place.hours
        open_at = (
            tuple(hours.week.items()),
            tuple(hours.exceptions.items()),
            hours.closed_from,
            hours.zone.key,
        )
        key = self.now, open_at, _handling(place, policy), _cut_off(place, policy)
        found = self._times.get(key)
        if found is None:
            if len(self._times) > TIMES_MAX:
                self._times.clear()
            found = self._times[key] = times_of(place, policy, now=self.now)
        return found


def times_of(
    place: Location, policy: Policy, *, now: datetime, full_until: FullUntil = lambda _: None
) -> Times:
    """On the clock of the place, with the handling and the cut-off that this version of the rules gives it.

    `full_until`: when the slot of a moment is over, if it is full.
    """
    ready_at = place.hours.after_open_time(now, _handling(place, policy))
    leaves_at = ready_at
    for _ in range(SLOTS_MAX):
        leaves_at = None if leaves_at is None else _leaves(place.hours, leaves_at, _cut_off(place, policy))
        ends = None if leaves_at is None else full_until(leaves_at)
        if ends is None:
            break
        leaves_at = ends
    else:
        leaves_at = None
    return Times(place.hours.next_open(now), ready_at, leaves_at)


def _handling(place: Location, policy: Policy) -> timedelta:
    said = routing.said_for(policy.handling_minutes, place.code, place.kind.value)
    return HANDLING if said is None else timedelta(minutes=said)


def next_departure(place: Location, policy: Policy, *, after: datetime) -> datetime | None:
    """When goods that are packed by then leave the place; None: never again."""
    return _leaves(place.hours, after, _cut_off(place, policy))


def _cut_off(place: Location, policy: Policy) -> timedelta:
    """After the midnight of its day."""
    said = routing.said_for(policy.cut_offs, place.code, place.kind.value)
    if said is not None:
        return timedelta(minutes=said)
    usual = CUT_OFF.get(place.kind, CUT_OFF_ELSEWHERE)
    return timedelta(hours=usual.hour, minutes=usual.minute)


def _leaves(hours: Hours, ready_at: datetime, cut_off: timedelta) -> datetime | None:
    """The first cut-off from then on at which somebody is there to give goods away; at closing time when that is sooner."""
    at = ready_at
    for _ in range(DAYS_MAX):
        wall = datetime.combine(at.astimezone(hours.zone).date(), time()) + cut_off
        cut = wall.replace(tzinfo=hours.zone).astimezone(UTC)
        leaves = cut if hours.is_open(cut) else hours.before_open_time(cut, timedelta())
        if leaves >= ready_at:
            return leaves
        midnight = datetime.combine(wall.date() + timedelta(days=1), time(), tzinfo=hours.zone)
        opens = hours.next_open(midnight.astimezone(UTC))
        if opens is None:
            return None
        at = opens
    return None


def demand_of(
    order: str,
    goods: Sequence[Goods],
    *,
    ask: Ask,
    point: Point | None,
    brand: str = "",
    promised_by: datetime | None = None,
    is_promised: bool = False,
) -> Demand:
    """What somebody wants sent to an address; `ask` says who, and which method."""
    return Demand(
        order=order,
        lines=tuple(
            Wanted(
                one.line_no, one.item.sku, one.units, one.item.weight_grams, one.value, one.item.category,
                one.kit_no,
            )
            for one in goods
        ),
        method=ask.method,
        brand=brand,
        channel=ask.channel,
        country=ask.country,
        postcode=ask.postcode,
        latitude_e6=None if point is None else point[0],
        longitude_e6=None if point is None else point[1],
        promised_by=_seconds(promised_by),
        is_promised=is_promised,
        value=sum(one.value for one in goods),
    )  # fmt: skip


def snapshot_of(
    demand: Demand,
    goods: Sequence[Goods],
    *,
    senders: Senders,
    candidates: Sequence[Location],
    policy: Policy,
    shelf: Callable[[Goods, Location], Shelf],
    out: Mapping[str, tuple[str, ...]] | None = None,
) -> Snapshot:
    """Everything one decision is made from. `shelf` says what a place has for a line; `out` who may not, and why."""
    shelves = {
        (place.code, one.line_no): found
        for place in candidates
        if not out or place.code not in out
        for one in goods
        if (found := shelf(one, place)).free > 0
    }
    return Snapshot.of(
        int(senders.now.timestamp()),
        demand,
        sites=senders.network(
            policy, _named(candidates, {code for code, _ in shelves}), (demand.method, demand.channel)
        ),
        shelves=shelves,
        policy=policy,
        out=out,
    )


def _named(candidates: Sequence[Location], having: Collection[str]) -> Sequence[Location]:
    """The places that a receipt names: all of a small network, of a large one those that have something."""
    if len(candidates) <= NAMED_MAX:
        return candidates
    return [place for place in candidates if place.code in having]


def delivery_plan(place: Location, part: routing.model.PlannedPart, *, now: datetime) -> Plan:
    """What is promised of a planned part, with the inner deadlines of the place."""
    leaves_at, arrives_at = instant(part.leaves_at), instant(part.arrives_at)
    return promises.plan_delivery(place.hours, now=now, leaves_at=leaves_at, arrives_at=arrives_at)


def instant(seconds: int) -> datetime:
    """The engine's time as ours."""
    return datetime.fromtimestamp(seconds, UTC)


def point_of(address: Mapping[str, Any], country: str, postcode: str, near: Postcodes | None) -> Point | None:
    """Where an address is, in millionths of a degree, as far as it can be known without asking anybody.

    What the address says itself; else where its postcode is, which is near enough to choose between places.
    """
    latitude, longitude = (
        _degrees(address.get(long, address.get(short)), most=most) for long, short, most in _NAMES
    )
    if latitude is not None and longitude is not None:
        return latitude, longitude
    return None if near is None else near.point_of(country, postcode)


_NAMES = (("latitude", "lat", 90), ("longitude", "lng", 180))


def _degrees(said: object, *, most: int) -> int | None:
    """As somebody outside said it: what is no place on earth says nothing."""
    try:
        degrees = float(str(said))
    except ValueError:
        return None
    return _e6(degrees) if -most <= degrees <= most else None


def _e6(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * 1_000_000)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
