"""The three numbers as tables: which rule counts, what it takes off, and which places may serve whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ambidex.domains.availability import (
    Answer,
    Ask,
    Group,
    LeftOut,
    Number,
    Rule,
    Rulebook,
    Scope,
    Stock,
    answer,
)
from ambidex.domains.availability.model import Area, KitAnswer, Seller
from ambidex.domains.availability.problems import BadRule
from ambidex.domains.availability.rules import areas_of, check
from ambidex.kernel.ids import ItemId, LocationId

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


def _uuid(name: str) -> UUID:
    return UUID(bytes=name.encode().ljust(16, b"-")[:16])


@dataclass(frozen=True)
class Ware:
    sku: str = "mug"
    category: str = "kitchen"

    @property
    def item_id(self) -> ItemId:
        return ItemId(_uuid(self.sku))


@dataclass(frozen=True)
class Spot:
    code: str
    zone: ZoneInfo = UTC_ZONE
    capabilities: frozenset[str] = frozenset({"pickup", "ship"})
    closed_from: date | None = None

    @property
    def location_id(self) -> LocationId:
        return LocationId(_uuid(self.code))


@dataclass
class House:
    """Places "a" and "b" are in the group "stores", "dc" is in none."""

    rules: list[Rule] = field(default_factory=list)
    spots: tuple[Spot, ...] = (Spot("a"), Spot("b"), Spot("dc", capabilities=frozenset({"ship"})))

    def rule(self, words: str) -> None:
        """ "safety 3 mug@a web 2026-03-01..2026-03-03": number, units, then what, where, channel and dates."""
        number, units, *rest = words.split()
        said: dict[str, object] = {}
        for word in rest:
            if ".." in word:
                first, last = word.split("..")
                said["starts_on"] = date.fromisoformat(first) if first else None
                said["ends_on"] = date.fromisoformat(last) if last else None
            elif "@" in word:
                what, where = word.split("@")
                said["item_id"] = ItemId(_uuid(what)) if what == "mug" else None
                said["category"] = what if what == "kitchen" else ""
                said["location_id"] = LocationId(_uuid(where)) if where in {"a", "b", "dc"} else None
                said["group"] = where if where == "stores" else ""
            else:
                said["channel"] = word
        scope = Scope(**said)  # type: ignore[arg-type]  # made of words above
        self.rules.append(Rule(_uuid(f"rule {len(self.rules)}"), Number(number), int(units), scope))

    def book(self, *, sellers: tuple[Seller, ...] = (), areas: tuple[Area, ...] = ()) -> Rulebook:
        stores = Group("stores", "Stores", frozenset({Spot("a").location_id, Spot("b").location_id}))
        return Rulebook.of(1, self.rules, groups=[stores], sellers=sellers, areas=areas)

    def answer(
        self,
        stock: str,
        *,
        channel: str = "web",
        method: str = "pickup",
        book: Rulebook | None = None,
        **ask: str,
    ) -> Answer:
        """`stock` such as "a:5 b:9/2": sellable units, and the safety that came with them."""
        stands = []
        for word in stock.split():
            code, _, units = word.partition(":")
            sellable, _, safety = units.partition("/")
            spot = next(s for s in self.spots if s.code == code)
            stands.append((spot, Stock(int(sellable), safety=int(safety or 0))))
        said = Ask(NOON, channel=channel, method=method, **ask)
        return answer(book or self.book(), Ware(), stands, ask=said, routed=method == "ship")


@pytest.mark.parametrize(
    ("rules", "counts"),
    [
        # nothing written
        ([], 0),
        ([("safety 1 @"), "safety 2 kitchen@", "safety 3 mug@"], 3),
        # item goes before place
        (["safety 1 mug@", "safety 2 kitchen@a", "safety 3 @a"], 1),
        # place before group before any
        (["safety 1 mug@", "safety 2 mug@stores", "safety 3 mug@a"], 3),
        (["safety 1 mug@", "safety 2 mug@stores"], 2),
        # channel before any channel, after place
        (["safety 1 mug@", "safety 2 mug@ web"], 2),
        (["safety 1 mug@a", "safety 2 mug@ web"], 1),
        (["safety 4 mug@ pos"], 0),
        # dated before undated of the same scope, but not before a more specific one
        (["safety 1 mug@", "safety 2 mug@ 2026-03-01..2026-03-03"], 2),
        (["safety 1 mug@a", "safety 2 mug@ 2026-03-01..2026-03-03"], 1),
        # both days are included, no more
        (["safety 9 mug@ 2026-03-03..2026-03-03"], 9),
        (["safety 9 mug@ ..2026-03-02"], 0),
        (["safety 9 mug@ 2026-03-04.."], 0),
        # of two dated ones the later begun, of two equal ones the more careful
        (["safety 1 mug@ 2026-03-01..2026-03-09", "safety 2 mug@ 2026-03-02..2026-03-09"], 2),
        # a rule of zero is a rule
        (["safety 5 @", "safety 0 mug@"], 0),
        # other numbers do not count
        (["floor 7 mug@a", "threshold 5 mug@a web"], 0),
    ],
)
def test_the_most_specific_rule_counts(rules: list[str], counts: int) -> None:
    house = House()
    for words in rules:
        house.rule(words)
    ask = Ask(NOON, channel="web", method="pickup")
    assert house.book().safety(Ware(), Spot("a"), ask).units == counts


@pytest.mark.parametrize(
    ("zone", "counts"),
    [("UTC", 0), ("Pacific/Kiritimati", 6), ("America/Los_Angeles", 0)],
)
def test_a_rules_day_is_the_places_own(zone: str, counts: int) -> None:
    house = House()
    house.rule("safety 6 mug@ 2026-03-04..2026-03-04")
    ask = Ask(NOON, channel="web", method="pickup")
    assert house.book().safety(Ware(), Spot("a", zone=ZoneInfo(zone)), ask).units == counts


@pytest.mark.parametrize(
    ("rules", "with_stock", "counts"),
    [
        ([], 2, 2),
        (["safety 5 mug@"], 2, 2),
        (["safety 5 mug@a"], 2, 5),
        (["safety 0 mug@a"], 2, 0),
        (["safety 5 mug@"], 0, 5),
    ],
)
def test_safety_that_came_with_the_stock_is_a_rule_of_item_and_place(
    rules: list[str], with_stock: int, counts: int
) -> None:
    house = House()
    for words in rules:
        house.rule(words)
    ask = Ask(NOON, channel="web", method="pickup")
    assert house.book().safety(Ware(), Spot("a"), ask, with_stock=with_stock).units == counts


@pytest.mark.parametrize(
    ("rules", "stock", "method", "total"),
    [
        # safety is kept at each place, from both ways
        (["safety 2 @"], "a:5 b:3", "pickup", 4),
        (["safety 2 @"], "a:5 b:3", "ship", 4),
        # the floor is for routing only; the greater of the two counts, they do not add up
        (["floor 4 @"], "a:5 b:3", "pickup", 8),
        (["floor 4 @"], "a:5 b:3", "ship", 1),
        (["floor 4 @", "safety 3 @"], "a:5 b:3", "ship", 1),
        (["floor 4 @", "safety 3 @"], "a:5 b:3", "pickup", 2),
        # a place below zero takes nothing from another
        (["safety 9 @a"], "a:1 b:3", "pickup", 3),
        # a threshold is kept once, however many places there are
        (["threshold 3 @ web"], "a:5 b:3", "pickup", 5),
        (["threshold 3 @ web", "safety 2 @"], "a:5 b:3", "pickup", 1),
        (["threshold 30 @ web"], "a:5 b:3", "pickup", 0),
        (["threshold 3 @ pos"], "a:5 b:3", "pickup", 8),
        # a threshold of a place counts there, of a group once for the group
        (["threshold 3 @a web"], "a:5 b:3", "pickup", 5),
        (["threshold 9 @a web"], "a:5 b:3", "pickup", 3),
        (["threshold 3 @stores web"], "a:5 b:3 dc:4", "ship", 9),
        # the more specific threshold takes its places out of the wider one
        (["threshold 3 @ web", "threshold 1 @a web"], "a:5 b:3", "pickup", 4),
    ],
)
def test_what_is_left_for_a_customer(rules: list[str], stock: str, method: str, total: int) -> None:
    house = House()
    for words in rules:
        house.rule(words)
    assert house.answer(stock, method=method).total == total


def test_a_threshold_counts_what_the_channel_has_in_all_not_what_this_address_gets() -> None:
    house = House()
    house.rule("threshold 3 @ web")
    only_dc_is_near = (Area(Spot("a").location_id, "ship", "GB"), Area(Spot("b").location_id, "ship", "GB"))
    found = house.answer("a:5 b:5 dc:4", method="ship", book=house.book(areas=only_dc_is_near), country="US")

    assert [o.left_out for o in found.offers] == [LeftOut.DOES_NOT_SERVE, LeftOut.DOES_NOT_SERVE, None]
    assert found.total == 4, "14 together less 3 leaves 11; the warehouse alone has 4"


@pytest.mark.parametrize(
    ("country", "postcode", "serves"),
    [
        ("US", "98101", True),
        ("us", "98 101", True),
        ("US", "97209", False),
        ("US", "", False),
        ("GB", "SW1A 1AA", True),
        ("GB", "sw1a1aa", True),
        ("GB", "N1 9GU", False),
        # an address that nobody told is served by no place that has areas
        ("", "", False),
        ("IE", "D02", True),
    ],
)
def test_a_place_with_areas_serves_these_only(country: str, postcode: str, *, serves: bool) -> None:
    areas = areas_of(Spot("dc").location_id, "ship", [("US", "981"), ("GB", "SW1A"), ("ie", "")])
    book = Rulebook.of(1, [], areas=areas)
    ask = Ask(NOON, method="ship", country=country, postcode=postcode)
    assert book.may_serve(Spot("dc"), ask) is serves


@pytest.mark.parametrize(
    ("channel", "source", "spot", "reason"),
    [
        ("web", "", "a", None),
        ("web", "", "dc", LeftOut.NOT_SOLD_FROM),
        # a source that has its own goes before its channel
        ("web", "shopify:main", "dc", None),
        ("web", "shopify:main", "a", LeftOut.NOT_SOLD_FROM),
        # nothing written: from every place
        ("pos", "", "dc", None),
    ],
)
def test_a_channel_sells_from_its_groups(
    channel: str, source: str, spot: str, reason: LeftOut | None
) -> None:
    house = House()
    sellers = (Seller("web", frozenset({"stores"})), Seller("shopify:main", frozenset({"supply"})))
    supply = Group("supply", "Supply", frozenset({Spot("dc").location_id}))
    stores = Group("stores", "Stores", frozenset({Spot("a").location_id}))
    book = Rulebook.of(1, house.rules, groups=[stores, supply], sellers=sellers)
    assert book.why_not(Spot(spot), Ask(NOON, channel, source, "ship")) is reason


def test_a_closed_place_and_one_that_does_not_hand_over_count_for_nobody() -> None:
    book = Rulebook()
    closed = Spot("a", closed_from=date(2026, 3, 3))
    warehouse = Spot("dc", capabilities=frozenset({"ship"}))

    assert book.why_not(closed, Ask(NOON, method="pickup")) is LeftOut.CLOSED
    assert book.why_not(warehouse, Ask(NOON, method="pickup")) is LeftOut.DOES_NOT_HAND_OVER
    assert book.why_not(warehouse, Ask(NOON, method="deliver")) is LeftOut.CANNOT_SEND
    assert book.why_not(warehouse, Ask(NOON, method="")) is None, "any method will do"


def test_the_number_is_the_sum_of_its_parts() -> None:
    house = House()
    house.rule("safety 1 @")
    house.rule("threshold 2 @ web")
    spot = Spot("a")
    stock = Stock(20, reserved=4, held=3, waiting=2, conditions={"damaged": 5, "staged": 1})
    found = answer(
        house.book(), Ware(), [(spot, stock)], ask=Ask(NOON, channel="web", method="pickup"), routed=False
    )

    assert found.offers[0].stock.free == 20 - 4 - 3 - 2
    assert found.offers[0].available == 20 - 4 - 3 - 2 - 1
    assert found.total == 20 - 4 - 3 - 2 - 1 - 2
    assert found.withheld == 2
    assert found.at(spot.location_id) == found.total


def test_below_zero_is_said_as_it_is() -> None:
    """Claims that lost their stock are; what is kept back from an empty shelf is not."""
    house = House()
    spot = Spot("a")
    ask = Ask(NOON, method="pickup")
    gone = answer(house.book(), Ware(), [(spot, Stock(1, reserved=3))], ask=ask, routed=False)
    kept = house.answer("a:1/2")
    assert (gone.at(spot.location_id), gone.total) == (-2, 0)
    assert (kept.at(spot.location_id), kept.total) == (0, 0)


@pytest.mark.parametrize(
    ("cups", "saucers", "total"),
    [("a:5 b:3", "a:4 b:9", 5), ("a:5", "b:9", 0), ("a:1 b:1", "a:2 b:2", 2), ("a:3", "a:1", 0)],
)
def test_a_kit_has_as_many_as_its_scarcest_component_makes_at_each_place(
    cups: str, saucers: str, total: int
) -> None:
    """One cup and two saucers; a kit is never put together from two places."""
    house = House()
    one, two = house.answer(cups), house.answer(saucers)
    assert KitAnswer(ItemId(_uuid("set")), one.ask, ((one, 1), (two, 2))).total == total


def test_the_next_midnight_that_changes_something() -> None:
    house = House()
    house.rule("safety 6 mug@ 2026-03-05..2026-03-06")
    tokyo, utc = ZoneInfo("Asia/Tokyo"), ZoneInfo("UTC")
    book = house.book()

    assert book.next_change(NOON, [utc, tokyo]) == datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert book.next_change(NOON, [utc]) == datetime(2026, 3, 5, tzinfo=UTC)
    assert book.next_change(datetime(2026, 3, 5, 12, tzinfo=UTC), [utc]) == datetime(2026, 3, 7, tzinfo=UTC)
    assert book.next_change(datetime(2026, 3, 8, tzinfo=UTC), [utc]) is None


@pytest.mark.parametrize(
    ("number", "units", "scope", "field"),
    [
        (Number.SAFETY, -1, Scope(), "units"),
        (Number.SAFETY, 1, Scope(item_id=ItemId(_uuid("mug")), category="kitchen"), "category"),
        (Number.FLOOR, 1, Scope(location_id=LocationId(_uuid("a")), group="stores"), "group"),
        (Number.THRESHOLD, 1, Scope(), "channel"),
        (Number.SAFETY, 1, Scope(starts_on=date(2026, 3, 2), ends_on=date(2026, 3, 1)), "until"),
    ],
)
def test_what_cannot_be_a_rule_is_named(number: Number, units: int, scope: Scope, field: str) -> None:
    with pytest.raises(BadRule) as refused:
        check(number, units, scope)
    assert [error["field"] for error in refused.value.errors] == [field]
