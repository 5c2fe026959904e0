"""Pure decisions of availability: which rule counts, which place may serve whom, and how many units that leaves.

The same functions answer the API, the page, the feeds and the placing of orders.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

from ambidex.domains.availability.model import (
    DELIVER,
    METHODS,
    PICKUP,
    SHIP,
    Answer,
    Area,
    Ask,
    Bucket,
    Decided,
    Group,
    LeftOut,
    Number,
    Offer,
    Rule,
    Scope,
    Seller,
    Stock,
    What,
    Where,
)
from ambidex.domains.availability.problems import BadRule
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.postcode import plain_postcode
from ambidex.kernel.problem import FieldError
from ambidex.kernel.values import dataclass, field

UNITS_MAX = 1_000_000
_Key = tuple[Number, object, object, str]
_Decision = tuple[Number, object, LocationId, str, date]
NOTHING = Decided()
DECIDED_MAX = 100_000


@dataclass(frozen=True)
class Rulebook:
    """All rules of one version. It never changes, so whoever knows the version may keep it."""

    version: int | None = None
    rules: tuple[Rule, ...] = ()
    groups: Mapping[str, Group] = field(default_factory=dict)
    sellers: Mapping[str, Seller] = field(default_factory=dict)
    areas: Mapping[tuple[LocationId, str], tuple[Area, ...]] = field(default_factory=dict)
    _by_key: Mapping[_Key, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    _groups_of: Mapping[LocationId, tuple[str, ...]] = field(default_factory=dict, repr=False)
    _used: frozenset[Number] = frozenset()
    # items that a rule names: only these are decided one by one, the others by their category
    _named: frozenset[ItemId] = frozenset()
    _decided: dict[_Decision, Decided] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(
        cls,
        version: int | None,
        rules: Iterable[Rule],
        *,
        groups: Iterable[Group] = (),
        sellers: Iterable[Seller] = (),
        areas: Iterable[Area] = (),
    ) -> Rulebook:
        """Sort rules so that finding those of an item at a place takes the same time for any number of them."""
        rules, groups = tuple(rules), sorted(groups, key=lambda group: group.code)
        by_key: dict[_Key, list[Rule]] = {}
        for rule in rules:
            by_key.setdefault(_key(rule), []).append(rule)
        groups_of: dict[LocationId, list[str]] = {}
        for group, location_id in ((g, at) for g in groups for at in g.places):
            groups_of.setdefault(location_id, []).append(group.code)
        by_area: dict[tuple[LocationId, str], list[Area]] = {}
        for area in areas:
            by_area.setdefault((area.location_id, area.method), []).append(area)
        return cls(
            version,
            rules,
            {group.code: group for group in groups},
            {seller.code: seller for seller in sellers},
            {key: tuple(found) for key, found in by_area.items()},
            {key: tuple(found) for key, found in by_key.items()},
            {at: tuple(codes) for at, codes in groups_of.items()},
            frozenset(rule.number for rule in rules),
            frozenset(rule.scope.item_id for rule in rules if rule.scope.item_id is not None),
        )

    def decide(self, number: Number, what: What, where: Where, *, channel: str, now: datetime) -> Decided:
        """The rule that counts: the most specific, dated before undated. Its day is the place's own.

        Remembered, because a book never changes and feeds ask the same for thousands of items.
        """
        if number not in self._used:
            return NOTHING
        day = now.astimezone(where.zone).date()
        item = what.item_id if what.item_id in self._named else what.category
        key = (number, item, where.location_id, channel, day)
        found = self._decided.get(key)
        if found is None:
            if len(self._decided) >= DECIDED_MAX:
                self._decided.clear()
            found = self._decided[key] = self._decide(number, what, where, channel=channel, day=day)
        return found

    def _decide(self, number: Number, what: What, where: Where, *, channel: str, day: date) -> Decided:
        groups = self._groups_of.get(where.location_id, ())
        for item, places, of_channel in product(
            (what.item_id, what.category or None, ""), ((where.location_id,), groups, ("",)), (channel, "")
        ):
            found = [
                rule
                for place in places
                for rule in self._by_key.get((number, item, place, of_channel), ())
                if rule.scope.holds_on(day)
            ]
            if found:
                best = max(found, key=_precedence)
                return Decided(best.units, best)
        return NOTHING

    def safety(self, what: What, where: Where, ask: Ask, *, with_stock: int = 0) -> Decided:
        """Units that stay at the place. The number that came with the stock counts as a rule of the item at the
        place; only a written rule of the same item and place goes before it.
        """
        if Number.SAFETY not in self._used:
            return Decided(with_stock) if with_stock else NOTHING
        decided = self.decide(Number.SAFETY, what, where, channel=ask.channel, now=ask.now)
        scope = decided.rule.scope if decided.rule else Scope()
        exact = scope.item_id is not None and scope.location_id is not None
        return Decided(with_stock) if with_stock and not exact else decided

    def floor(self, what: What, where: Where, ask: Ask) -> Decided:
        """Units below which routing does not bring the place."""
        return self.decide(Number.FLOOR, what, where, channel=ask.channel, now=ask.now)

    def threshold(self, what: What, where: Where, ask: Ask) -> Decided:
        """Units kept from the channel, off the sum of the places that the same rule decides for."""
        return self.decide(Number.THRESHOLD, what, where, channel=ask.channel, now=ask.now)

    def has_thresholds(self) -> bool:
        return Number.THRESHOLD in self._used

    def sells_from(self, where: Where, ask: Ask) -> bool:
        """Whether the source, or else its channel, may sell from this place. Nothing written: from every place."""
        seller = self.sellers.get(ask.source) or self.sellers.get(ask.channel)
        return seller is None or not seller.groups.isdisjoint(self._groups_of.get(where.location_id, ()))

    def serves(self, where: Where, ask: Ask, method: str) -> bool:
        """Whether the place serves this address this way. Nothing written: every address, also one not known."""
        areas = self.areas.get((where.location_id, method))
        if areas is None:
            return True
        postcode = plain_postcode(ask.postcode)
        return any(a.country == ask.country.upper() and postcode.startswith(a.postcode) for a in areas)

    def why_not(self, where: Where, ask: Ask) -> LeftOut | None:
        """Why this place does not count for who asks; None when it does."""
        if where.closed_from is not None and where.closed_from <= ask.now.astimezone(where.zone).date():
            return LeftOut.CLOSED
        if not self.sells_from(where, ask):
            return LeftOut.NOT_SOLD_FROM
        if ask.method:
            return self._cannot(where, ask, ask.method)
        found = [self._cannot(where, ask, method) for method in METHODS]
        likely = LeftOut.DOES_NOT_SERVE
        return None if None in found else likely if likely in found else found[0]

    def _cannot(self, where: Where, ask: Ask, method: str) -> LeftOut | None:
        if method not in where.capabilities:
            return LeftOut.DOES_NOT_HAND_OVER if method == PICKUP else LeftOut.CANNOT_SEND
        if method != PICKUP and not self.serves(where, ask, method):
            return LeftOut.DOES_NOT_SERVE
        return None

    def rules_used(self, wares: Iterable[What]) -> list[Rule]:
        """The rules that may count for these items somewhere."""
        items = {ware.item_id for ware in wares}
        return [rule for rule in self.rules if rule.scope.item_id is None or rule.scope.item_id in items]

    def next_change(self, now: datetime, zones: Iterable[ZoneInfo]) -> datetime | None:
        """The next midnight, in one of these zones, at which a dated rule begins or is over."""
        scopes = [rule.scope for rule in self.rules if rule.scope.is_dated]
        days = {scope.starts_on for scope in scopes if scope.starts_on}
        days |= {scope.ends_on + timedelta(days=1) for scope in scopes if scope.ends_on}
        midnights = (datetime.combine(day, time(), zone) for day in days for zone in set(zones))
        return min((at.astimezone(UTC) for at in midnights if at > now), default=None)

    def may_serve(self, where: Where, ask: Ask) -> bool:
        return self.why_not(where, ask) is None


def _key(rule: Rule) -> _Key:
    scope = rule.scope
    return rule.number, scope.item_id or scope.category, scope.location_id or scope.group, scope.channel


def _precedence(rule: Rule) -> tuple[bool, date, int, str]:
    """Among rules of one scope: dated first, then what began last, then the more careful, then by id."""
    scope = rule.scope
    return scope.is_dated, scope.starts_on or date.min, rule.units, str(rule.rule_id)


def offer(book: Rulebook, what: What, where: Where, stock: Stock, *, ask: Ask, routed: bool) -> Offer:
    """What one place offers. `routed`: nobody chose the place, so the floor counts."""
    return Offer(
        where.location_id,
        stock,
        book.safety(what, where, ask, with_stock=stock.safety),
        book.floor(what, where, ask) if routed else NOTHING,
        book.why_not(where, ask),
    )


def answer(
    book: Rulebook, what: What, stands: Sequence[tuple[Where, Stock]], *, ask: Ask, routed: bool
) -> Answer:
    """How many units there are for who asks, and why. `stands` are all the places that know the item."""
    offers = tuple(offer(book, what, where, stock, ask=ask, routed=routed) for where, stock in stands)
    return Answer(what.item_id, ask, offers, buckets(book, what, stands, ask=ask))


def buckets(
    book: Rulebook, what: What, stands: Iterable[tuple[Where, Stock]], *, ask: Ask
) -> tuple[Bucket, ...]:
    """The thresholds of this channel, each with the places it decides for and what these have together.

    Together is what the channel could buy by any method from any address: free units above safety, of the places
    it may sell from. So a threshold is kept once, whoever asks.
    """
    if not book.has_thresholds():
        return ()
    found: dict[UUID, tuple[Decided, dict[LocationId, int]]] = {}
    for where, stock in stands:
        decided = book.threshold(what, where, ask)
        if decided.rule is None or not book.sells_from(where, ask):
            continue
        above = stock.free - book.safety(what, where, ask, with_stock=stock.safety).units
        found.setdefault(decided.rule.rule_id, (decided, {}))[1][where.location_id] = max(0, above)
    return tuple(Bucket(decided, frozenset(units), sum(units.values())) for decided, units in found.values())


def check(number: Number, units: int, scope: Scope) -> None:
    """Raise BadRule naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not 0 <= units <= UNITS_MAX:
        errors.append({"field": "units", "expected": f"0 to {UNITS_MAX}"})
    if scope.item_id is not None and scope.category:
        errors.append({"field": "category", "expected": "an item or a category, not both"})
    if scope.location_id is not None and scope.group:
        errors.append({"field": "group", "expected": "a place or a group, not both"})
    if number is Number.THRESHOLD and not scope.channel:
        errors.append({"field": "channel", "expected": "the channel from which it is kept"})
    if scope.starts_on and scope.ends_on and scope.ends_on < scope.starts_on:
        errors.append({"field": "until", "expected": "a day not before the first"})
    if errors:
        raise BadRule("the rule cannot be written as sent", errors=errors)


def check_group(group: Group) -> None:
    """Raise BadRule naming every field that cannot be used."""
    errors: list[FieldError] = []
    if not 0 < len(group.code) <= 64 or not all(c.isalnum() or c in "-_." for c in group.code):
        errors.append({"field": "code", "expected": "1 to 64 letters, digits, - _ ."})
    if not group.name.strip():
        errors.append({"field": "name", "expected": "a name for people"})
    if errors:
        raise BadRule(f"group {group.code!r}", errors=errors)


def areas_of(location_id: LocationId, method: str, served: Iterable[tuple[str, str]]) -> list[Area]:
    """Areas in their plain form. BadRule when a method or country is none."""
    errors: list[FieldError] = []
    if method not in {SHIP, DELIVER}:
        errors.append({"field": "method", "expected": f"{SHIP} | {DELIVER}"})
    areas = [Area(location_id, method, c.strip().upper(), plain_postcode(p)) for c, p in served]
    for at, area in enumerate(areas):
        if len(area.country) != 2 or not (area.country.isascii() and area.country.isalpha()):
            errors.append(
                {"field": f"areas[{at}].country", "expected": "two letters (ISO 3166-1), such as US"}
            )
    if errors:
        raise BadRule("areas", errors=errors)
    return areas


def words_of(rule: Rule) -> str:
    """The rule in one short line, for the log of changes."""
    scope = rule.scope
    dates = f" {scope.starts_on or '…'} to {scope.ends_on or '…'}" if scope.is_dated else ""
    return f"{rule.number.value} {rule.units}{f' for {scope.channel}' if scope.channel else ''}{dates}"
