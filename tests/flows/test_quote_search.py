"""A quote that looks at few places first promises the same as one that looks at all of them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from uuid import UUID

from ambidex.domains import capacity, catalogue, inventory, routing
from ambidex.domains.capacity import Limit
from ambidex.domains.catalogue import Item, NewItem
from ambidex.domains.inventory import StockRow
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.routing.commands import Seen
from ambidex.flows.quote import Answer, quote
from ambidex.flows.quote_further import FEW
from ambidex.flows.quote_sure import sure_of
from ambidex.flows.quote_words import Basket, look_up
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import new_id
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.reads.confidence import doubts
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.flows.test_routing_rules import version
from tests.shop import Shop

SKUS = ("MUG-01", "TEA-02", "PAN-03", "CUP-04")
# what lies at few places, and a kit with a part of that kind
SCARCE, KIT = ("URN-05", "LID-06"), "SET-07"
PLACES, BASKETS = 36, 40


async def _house(shop: Shop, clock: Clock, chance: random.Random) -> None:
    for n in range(PLACES):
        kind = LocationKind.WAREHOUSE if n < 4 else LocationKind.STORE
        await shop.place(
            f"place-{n:02}",
            kind=kind,
            capabilities=frozenset({"ship"}),
            latitude=chance.uniform(50, 58),
            longitude=chance.uniform(-5, 1),
        )
    for sku in SKUS:
        await shop.item(sku, weight_grams=chance.randrange(100, 9_000))
    for sku in SCARCE:
        await shop.item(sku, weight_grams=chance.randrange(100, 3_000))
    for place in shop.places.values():
        rows = [
            StockRow(item.item_id, place.location_id, chance.choice((0, 0, 1, 2, 5)))
            for item in shop.items.values()
            if chance.random() < (0.1 if item.sku in SCARCE else 0.7)
        ]
        if rows:
            await shop.run.perform(SYSTEM, inventory.count_all, rows, cause="count")
        # shelves that were counted long ago are less sure
        clock.forward(days=chance.choice((0, 0, 1, 3)))
    parts = ("URN-05", 1), ("TEA-02", 2)
    await shop.run.perform(
        SYSTEM, catalogue.put_items, [NewItem(KIT, "Tea set", Money(9900, "GBP"), components=parts)]
    )


async def _limits(shop: Shop, chance: random.Random) -> None:
    """Some places may send little within an hour."""
    for number, code in enumerate(chance.sample(sorted(shop.places), 6), start=1):
        location_id = shop.places[code].location_id
        one = Limit(UUID(int=number), location_id, 2, "ship", slot_minutes=60)
        await shop.run.perform(SYSTEM, capacity.put_limits, location_id, [one])


async def _ask(run: Run, basket: Basket, *, first_look: int) -> Answer | None:
    async with run.reading() as read:
        try:
            return await quote(read, basket, quote_id=new_id(read.now), first_look=first_look)
        except Problem:
            return None


def _promised(answer: Answer | None) -> object:
    if answer is None:
        return None
    [one] = answer.options
    return one.cost, one.due_at, sorted((s.place.code, sorted(s.units.items())) for s in one.shares)


async def test_looking_at_few_places_first_promises_the_same(run: Run, shop: Shop, clock: Clock) -> None:
    chance = random.Random(5)
    await _house(shop, clock, chance)
    await _limits(shop, chance)
    looked, promised = [], 0
    for _ in range(BASKETS):
        skus = chance.sample((*SKUS, *SCARCE, KIT), chance.choice((1, 2, 3)))
        lines = tuple((sku, chance.choice((1, 1, 2, 6))) for sku in skus)
        point = round(chance.uniform(50, 58) * 1e6), round(chance.uniform(-5, 1) * 1e6)
        basket = Basket(lines, country="GB", postcode="X1", point=point, methods=(Method.SHIP,))
        few, every = await _ask(run, basket, first_look=2), await _ask(run, basket, first_look=PLACES)
        assert _promised(few) == _promised(every), basket
        if few is not None:
            promised += 1
            looked.append(len(few.view.known))
    assert promised > BASKETS // 2
    assert min(looked) < PLACES // 2, "it did not have to look at all of them"


async def test_a_full_shelf_is_as_sure_as_its_last_count_allows(run: Run, shop: Shop, clock: Clock) -> None:
    await _house(shop, clock, random.Random(8))
    item = shop.items["MUG-01"]
    async with run.reading() as read:
        words = await look_up(read, Basket((("MUG-01", 1),), country="GB"))
        sure = (await sure_of(read, words.senders, {item.item_id}, words.now))[item.item_id]
        stood = await doubts(read, [(item.item_id, place.location_id) for place in words.senders.places])
    of_place = [stood.get((item.item_id, place.location_id)) for place in words.senders.places]
    expected = [-1 if one is None else one.chance(99, now=words.now) for one in of_place]
    assert sure.tolist() == expected
    assert len(set(expected)) > 3


async def test_where_parcels_are_few_a_far_place_with_two_lines_is_found(run: Run, shop: Shop) -> None:
    """Near places have a line each, two may send, and nobody else has the third: the far one has the other two."""
    few = await version(run, parcels_max=2)
    await run.perform(SYSTEM, routing.change.go_live, Seen("", few.number), why="fewer parcels")
    lies = {"near-a": (1, 0, 0), "near-b": (0, 1, 0), "near-c": (0, 0, 1), "far": (1, 1, 0)}
    items = await _shelves(shop, lies)
    lines = tuple((item.sku, 1) for item in items)
    basket = Basket(lines, country="GB", point=(51_000_000, 0), methods=(Method.SHIP,))

    answer = await _ask(run, basket, first_look=3)
    assert answer is not None
    assert {share.place.code for share in answer.options[0].shares} == {"near-c", "far"}


async def test_a_kit_of_one_item_that_nobody_has_whole_comes_in_pieces(run: Run, shop: Shop) -> None:
    """As an order of it would: the near place has none of it, two far ones a part each."""
    [item] = await _shelves(shop, {"near": (0,), "far-a": (2,), "far-b": (1,)})
    three = NewItem(KIT, "Three mugs", Money(4900, "GBP"), components=((item.sku, 3),))
    await run.perform(SYSTEM, catalogue.put_items, [three])
    basket = Basket(((KIT, 1),), country="GB", point=(51_000_000, 0), methods=(Method.SHIP,))

    few, every = await _ask(run, basket, first_look=1), await _ask(run, basket, first_look=PLACES)
    assert few is not None
    assert _promised(few) == _promised(every)


async def _shelves(shop: Shop, lies: Mapping[str, Sequence[int]]) -> list[Item]:
    """Places, the nearest first, and as many that know the items and have none, so that nothing is known by few."""
    items = [await shop.item(sku) for sku in SKUS[: len(next(iter(lies.values())))]]
    empty = dict.fromkeys((f"empty-{n:02}" for n in range(FEW)), (0,) * len(items))
    for n, (code, units) in enumerate({**lies, **empty}.items()):
        place = await shop.place(
            code, kind=LocationKind.WAREHOUSE, capabilities={"ship"}, latitude=51 + n, longitude=0
        )
        rows = [
            StockRow(item.item_id, place.location_id, left) for item, left in zip(items, units, strict=True)
        ]
        await shop.run.perform(SYSTEM, inventory.count_all, rows, cause="count")
    return items
