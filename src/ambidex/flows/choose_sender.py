"""Who sends what a store lacks to the store where it is collected: the engine's choice, all of it in one parcel, with its receipt.

The store is the address. The day is not the engine's: it is the one of the clock of transfers (options.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import availability, catalogue, routing
from ambidex.domains.availability import Ask
from ambidex.domains.inventory import Place
from ambidex.domains.locations import Location
from ambidex.domains.orders import Method, Order
from ambidex.domains.routing import NewReceipt
from ambidex.flows import snapshots
from ambidex.flows.order_words import senders_now
from ambidex.flows.serving import destination
from ambidex.flows.snapshots import Goods
from ambidex.kernel.values import dataclass
from ambidex.reads.confidence import FEW, NEVER_COUNTED, doubts
from ambidex.runtime.db import Tx
from ambidex.runtime.stopwatch import Stopwatch

TO_STORE = "to_store"


@dataclass(frozen=True, slots=True)
class Able:
    """Places that could send it, `out` those of them that do not come into question, and units that each may give."""

    places: Sequence[Location]
    out: Mapping[str, str]
    left: Mapping[Place, int]


async def choose_sender(
    tx: Tx, order: Order, here: Location, units: Mapping[int, int], able: Able
) -> tuple[Location, NewReceipt] | None:
    """The cheapest that has all of it, and why; None when none has. Nothing is changed."""
    watch = Stopwatch()
    goods = await _goods(tx, order, units)
    brand = str(order.terms.get("brand") or "")
    rules = await routing.ask.rulebook(tx)
    policy, arm = rules.version_for(brand, order.order_id)
    senders = await senders_now(tx, able.places, await availability.rulebook(tx))
    country, postcode = destination(here.address)
    ask = Ask(tx.now, order.channel, "", Method.SHIP.value, country, postcode)
    point = snapshots.point_of(_with_point(here), country, postcode, None)
    unsure = await doubts(tx, [at for at, free in able.left.items() if free > 0])

    def shelf(one: Goods, place: Location) -> routing.Shelf:
        at = one.item.item_id, place.location_id
        free = able.left.get(at, 0)
        if free <= 0:
            return routing.Shelf(0)
        return routing.Shelf(free, unsure.get(at, NEVER_COUNTED).chance(min(free, FEW + 1), now=tx.now))

    snapshot = snapshots.snapshot_of(
        snapshots.demand_of(order.order_id.hex, goods, ask=ask, point=point, brand=brand),
        goods,
        senders=senders,
        candidates=able.places,
        policy=policy.at_speed(routing.model.TOGETHER),
        shelf=shelf,
        out={code: (why,) for code, why in able.out.items()},
    )
    decided = routing.decide(snapshot)
    if decided.plan.unfilled or len(decided.plan.parts) != 1:
        return None
    site = decided.plan.parts[0].site
    chosen = next(place for place in able.places if place.code == site)
    return chosen, NewReceipt(
        order.order_id, TO_STORE, arm, snapshot, decided.receipt, tx.now, watch.microseconds
    )


async def _goods(tx: Tx, order: Order, units: Mapping[int, int]) -> list[Goods]:
    lines = [line for line in order.lines if units.get(line.line_no)]
    items = await catalogue.by_ids(tx, {line.item_id for line in lines})
    return [
        Goods(line.line_no, items[line.item_id], n, line.unit_price.minor * n, line.kit_no)
        for line in lines
        for n in [units[line.line_no]]
    ]


def _with_point(here: Location) -> dict[str, object]:
    return {**here.address, "latitude": here.latitude, "longitude": here.longitude}
