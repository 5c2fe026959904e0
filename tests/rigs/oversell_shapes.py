"""The hard shapes of a rush: each sells exactly what there is, whatever else happens to the stock meanwhile."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from ambidex.domains import inventory
from ambidex.domains.inventory import Movement
from ambidex.domains.locations import LocationKind
from ambidex.flows.stock_facts import book_facts
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from tests.rigs.oversell_rush import PLACE, Basket, Crowd, Doors, Round, Rush, Want, units_of

ELSEWHERE = ("north-dc", "south-dc")
HELD_SECONDS = 1.0
Shape = Callable[[Rush, Crowd, random.Random], Awaitable[Round]]


async def one_item(rush: Rush, crowd: Crowd, _: random.Random) -> Round:
    """Everybody wants the same thing."""
    sku = await stocked(rush, f"HOT-{crowd.tag}", crowd.units)
    async with rush.open(f"one item {crowd.tag}", crowd) as (result, doors):
        await doors.buyers(sku, crowd.buyers, wanting(sku))
    return await written(rush, result, doors, sku)


async def opposite_baskets(rush: Rush, crowd: Crowd, chance: random.Random) -> Round:
    """Two items, in either order: who locks rows as they come would lock in circles."""
    pair = [await stocked(rush, f"{name}-{crowd.tag}", crowd.units) for name in ("ONE", "TWO")]

    def basket(_: int) -> Sequence[Want]:
        return [Want(sku) for sku in (pair if chance.random() < 0.5 else pair[::-1])]

    async with rush.open(f"opposite baskets {crowd.tag}", crowd) as (result, doors):
        await doors.buyers(pair[0], crowd.buyers, basket)
    other = await written(rush, result, doors, pair[1])
    assert (other.sold_units, other.left) == (crowd.units, 0), "both items are sold in pairs"
    return await written(rush, result, doors, pair[0])


async def shared_parts(rush: Rush, crowd: Crowd, chance: random.Random) -> Round:
    """Two bundles and the loose part they share: however it is sold, there are no more parts than there are."""
    part = await stocked(rush, f"PART-{crowd.tag}", crowd.units)
    other = await stocked(rush, f"OTHER-{crowd.tag}", crowd.units * 2)
    bundles = [f"BUNDLE-A-{crowd.tag}", f"BUNDLE-B-{crowd.tag}"]
    await rush.shop.item(bundles[0], components=((part, 1), (other, 1)))
    await rush.shop.item(bundles[1], components=((other, 1), (part, 1)))

    def basket(_: int) -> Sequence[Want]:
        return [Want(chance.choice([part, *bundles]))]

    async with rush.open(f"shared parts {crowd.tag}", crowd) as (result, doors):
        await doors.buyers(part, crowd.buyers, basket)
    return await written(rush, result, doors, part)


async def two_places(rush: Rush, crowd: Crowd, _: random.Random) -> Round:
    """Pairs that are sent from wherever they are: both from one place, and when that has no more, split."""
    one, two = f"LEFT-{crowd.tag}", f"RIGHT-{crowd.tag}"
    north, south = [(await sender(rush, f"{name}-{crowd.tag}")) for name in ELSEWHERE]
    some = crowd.units // 3
    for sku, place, units in (
        (one, north, crowd.units),
        (two, north, some),
        (two, south, crowd.units - some),
    ):
        await rush.shop.shelf(place, sku, units)

    def basket(n: int) -> Sequence[Want]:
        wants = [Want(one, place=None), Want(two, place=None)]
        return wants if n % 2 else wants[::-1]

    async with rush.open(f"two places, split {crowd.tag}", crowd) as (result, doors):
        await doors.buyers(one, crowd.buyers, basket)
    where = [(two, north), (two, south)]
    result.sold_units = units_of(doors.answers, two)
    result.reserved, result.left = await rush.reserved(*where), await rush.left(*where)
    assert units_of(doors.answers, one) == result.sold_units, "they are sold in pairs"
    for place in (north, south):
        await rush.shop.place(place, capabilities=frozenset(), kind=LocationKind.WAREHOUSE)
    return result


async def expiring_holds(rush: Rush, crowd: Crowd, _: random.Random) -> Round:
    """Some units are held by people who pay, or do not in time: what they let go is sold, without any sweep."""
    sku = await stocked(rush, f"HELD-{crowd.tag}", crowd.units)
    held = crowd.units // 2

    async def keep(tx: Tx) -> None:
        item, place = rush.shop.items[sku].item_id, rush.shop.places[PLACE].location_id
        said = {"item_id": item, "location_id": place, "quantity": 1, "purpose": "checkout"}
        until = tx.now + timedelta(seconds=HELD_SECONDS)
        _ = [
            await inventory.hold(tx, **said, order_id=None, line_no=None, expires_at=until)  # type: ignore[arg-type]  # named above
            for _ in range(held)
        ]

    async with rush.open(f"holds expire while paying {crowd.tag}", crowd) as (result, doors):
        await rush.shop.run.perform(SYSTEM, keep)
        while_held = await doors.buyers(sku, crowd.buyers // 2, wanting(sku))
        await asyncio.sleep(HELD_SECONDS)
        stale = await rush.shop.stock(PLACE, sku)
        # the control: who trusts the counter that nobody has swept would say "sold out" now
        assert int(stale.held) > 0 or units_of(while_held, sku) > crowd.units - held, (
            "nothing expired unswept"
        )
        await doors.buyers(f"{sku}-later", crowd.buyers // 2, wanting(sku))
    return await written(rush, result, doors, sku)


async def cancel_and_claim(rush: Rush, crowd: Crowd, _: random.Random) -> Round:
    """Orders are canceled while others want their units: each freed unit is sold again, once."""
    sku = await stocked(rush, f"BACK-{crowd.tag}", crowd.units)
    async with rush.open(f"cancel racing claim {crowd.tag}", crowd) as (result, doors):
        first = await doors.buyers(sku, crowd.units, wanting(sku))
        gone = [a.body["id"] for a in first if a.status == 201][: crowd.units // 2]
        cancels = [_cancel(doors, order_id, n) for n, order_id in enumerate(gone)]
        await asyncio.gather(doors.buyers(f"{sku}-again", crowd.buyers, wanting(sku)), *cancels)
        await doors.last_ones(sku, wanting(sku))
    await written(rush, result, doors, sku)
    result.sold_units -= len(gone)
    return result


async def _cancel(doors: Doors, order_id: str, n: int) -> None:
    answer = await doors.post(f"/orders/{order_id}/cancel", {"reason": "changed my mind"}, n=n)
    assert answer.status_code == 200, answer.text


async def count_and_sale(rush: Rush, crowd: Crowd, chance: random.Random) -> Round:
    """People count the shelf while it is being sold, some of them wrongly; the last one counts what there is."""
    sku = await stocked(rush, f"COUNT-{crowd.tag}", crowd.units)

    async def counts() -> None:
        for counted in (*(crowd.units - chance.randrange(5) for _ in range(5)), crowd.units):
            body = {"location": PLACE, "item": sku, "counted": counted}
            answer = await doors.post("/counts", body)
            assert answer.status_code in {200, 201}, answer.text

    async with rush.open(f"count racing sale {crowd.tag}", crowd) as (result, doors):
        await asyncio.gather(doors.buyers(sku, crowd.buyers, wanting(sku)), counts())
        await doors.last_ones(sku, wanting(sku))
    return await written(rush, result, doors, sku)


async def returns_and_sale(rush: Rush, crowd: Crowd, chance: random.Random) -> Round:
    """Units come back over the counter, and walk-ins buy some, while everybody else orders.

    There are never more units than in the end: what was sold of more would rightly be short when a walk-in takes it.
    """
    walk_ins = crowd.units // 5
    sku = await stocked(rush, f"RETURN-{crowd.tag}", crowd.units - walk_ins)

    async def at_the_counter() -> None:
        back, bought = ("customer", "sellable"), ("sellable", "customer")
        turns = ((back, bought, back), (bought, back, back))
        ways = [way for _ in range(walk_ins) for way in chance.choice(turns)]
        item, place = rush.shop.items[sku].item_id, rush.shop.places[PLACE].location_id
        for way in ways:
            row = Movement(item, place, *way, 1)
            await rush.shop.run.perform(SYSTEM, book_facts, [row], cause="till", source="till:camden")

    async with rush.open(f"returns and walk-ins racing sale {crowd.tag}", crowd) as (result, doors):
        await asyncio.gather(doors.buyers(sku, crowd.buyers, wanting(sku)), at_the_counter())
        await doors.last_ones(sku, wanting(sku))
    return await written(rush, result, doors, sku)


SHAPES: tuple[Shape, ...] = (
    opposite_baskets,
    shared_parts,
    two_places,
    expiring_holds,
    cancel_and_claim,
    count_and_sale,
    returns_and_sale,
)


def wanting(sku: str) -> Basket:
    """One of this."""
    return lambda _: [Want(sku)]


async def stocked(rush: Rush, sku: str, units: int) -> str:
    """So many of a new item lie in the store."""
    await rush.shop.shelf(PLACE, sku, units)
    return sku


async def sender(rush: Rush, code: str) -> str:
    """A warehouse that sends."""
    await rush.shop.place(code, kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    return code


async def written(rush: Rush, result: Round, doors: Doors, sku: str) -> Round:
    """What was sold of an item, by the answers and by the books, and what is left."""
    result.sold_units = units_of(doors.answers, sku)
    result.reserved, result.left = await rush.reserved((sku, PLACE)), await rush.left((sku, PLACE))
    return result
