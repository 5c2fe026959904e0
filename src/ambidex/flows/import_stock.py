"""Importing stock: each line is an authoritative count. Lines that touch orders are counted one by one, with owners."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import catalogue, inventory, locations
from ambidex.domains.inventory import StockRow
from ambidex.flows import import_fields as read
from ambidex.flows.close_counts import close_counts
from ambidex.flows.count_stock import count_stock
from ambidex.flows.import_rows import Fields, Kind
from ambidex.flows.kits import must_lie_on_shelves
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx

CAUSE = "import"


class TouchesOrders(Problem):
    """This count changes what orders can have."""

    status, code = 409, "touches-orders"


@dataclass(frozen=True)
class Shelf:
    """One line of a stock file."""

    location: str
    item: str
    counted: int
    safety: int | None
    spot: str | None


def _shelf(fields: Fields) -> Shelf:
    return Shelf(
        location=read.text(fields, "location"),
        item=read.text(fields, "item"),
        counted=read.whole(fields, "counted"),
        safety=read.whole(fields, "safety") if read.text(fields, "safety") else None,
        spot=read.text(fields, "spot") or None,
    )


async def _count(tx: Tx, shelves: Sequence[Shelf]) -> None:
    """Count many at once; one alone goes the way of a count at the shelf, which also owns what it leaves short."""
    rows = await _rows(tx, shelves)
    if len(shelves) == 1:
        shelf = shelves[0]
        await count_stock(tx, location=shelf.location, item=shelf.item, counted=shelf.counted, cause=CAUSE)
    done = await close_counts(tx, {row.place: row.counted for row in rows})
    outcomes = await inventory.count_all(tx, rows, cause=CAUSE)
    if done or any(outcome.opened or outcome.closed for outcome in outcomes):
        raise TouchesOrders


async def _rows(tx: Tx, shelves: Sequence[Shelf]) -> list[StockRow]:
    places = await locations.by_codes(tx, {shelf.location for shelf in shelves})
    items = await catalogue.by_skus(tx, {shelf.item for shelf in shelves})
    for shelf in shelves:
        if shelf.location not in places:
            raise read.expected("location", f"a place we know, not {shelf.location!r}")
        if shelf.item not in items:
            raise read.expected("item", f"an item we know, not {shelf.item!r}")
    must_lie_on_shelves(items[shelf.item] for shelf in shelves if shelf.counted)
    return [
        StockRow(
            items[shelf.item].item_id,
            places[shelf.location].location_id,
            counted=shelf.counted,
            safety=shelf.safety,
            spot=shelf.spot,
        )
        for shelf in shelves
    ]


STOCK = Kind(
    name="stock",
    columns=("location", "item", "counted", "safety", "spot"),
    required=("location", "item", "counted"),
    read=_shelf,
    key=lambda shelf: (shelf.location, shelf.item),
    apply=_count,
)
