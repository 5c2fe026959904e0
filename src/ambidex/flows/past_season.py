"""What prices of scarce stock are made from: orders of the last weeks as they would be asked about now, and what there is. Pure.

Only what may run out counts: an order that wants nothing of which some place has less than a week's demand has no part in
any price. What arrives meanwhile is not counted; a place that has more than when prices were made has no price.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from ambidex.domains import routing
from ambidex.domains.availability import Ask, Stock
from ambidex.domains.catalogue import Item
from ambidex.domains.inventory import Place
from ambidex.domains.routing import Demand, Policy, Snapshot, Wanted
from ambidex.flows.placing import Words
from ambidex.flows.snapshots import Senders
from ambidex.kernel.values import dataclass
from ambidex.reads.past_orders import PastOrder

scarce, versions, model = routing.scarce, routing.versions, routing.model
DAY = timedelta(days=1)
# orders of a season, until goods come again; shorter where there are more than one program can hold
SEASON_DAYS, ORDERS_MAX, COLUMNS_MAX = 7, 600, 20_000
# fewer orders than these prove nothing
PAST_MIN = 40
WEB = "web"


@dataclass(frozen=True, slots=True)
class Season:
    """What is tried and priced."""

    shop: routing.scarce.Shop
    terms: routing.scarce.Terms
    days: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The facts of one moment: items by SKU, and what may be claimed at each position."""

    words: Words
    items: Mapping[str, Item]
    stock: Mapping[Place, Stock]
    now: datetime


def season_of(past: Sequence[PastOrder], seen: Seen) -> Season | routing.scarce.WhyOff:
    """The season, or why there is none."""
    known = [one for one in past if all(line["sku"] in seen.items for line in one.demand["lines"])]
    if len(known) < PAST_MIN:
        return scarce.WhyOff.FEW
    senders = Senders(seen.now, seen.words.senders, seen.words.book)
    orders = [_asked(one, senders, seen.words) for one in known]
    days = max(1.0, (seen.now - known[0].at) / DAY)
    free = _free(orders, seen)
    wanted = Counter[str]()
    for order in orders:
        wanted.update({line.sku: 0 for line in order.demand.lines})
        for line in order.demand.lines:
            wanted[line.sku] += line.units
    short = {sku for sku, units in free.items() if _may_run_out(units, wanted[sku] * SEASON_DAYS / days)}
    kept = [order for order in orders if any(line.sku in short for line in order.demand.lines)]
    if len(kept) < PAST_MIN:
        return scarce.WhyOff.PLENTY
    used = {line.sku for order in kept for line in order.demand.lines}
    shop = scarce.Shop(kept, {sku: units for sku, units in free.items() if sku in used})
    return Season(shop, _terms(shop, days), round(days))


def _asked(one: PastOrder, senders: Senders, words: Words) -> Snapshot:
    """As it would be asked about now, if nothing had been promised; what there is comes later."""
    demand = Demand(
        **{
            **one.demand,
            "lines": tuple(Wanted(**line) for line in one.demand["lines"]),
            "promised_by": None,
            "is_promised": False,
        }
    )
    policy = _policy(words, demand.brand).at_speed(one.speed)
    network = senders.network(policy, words.senders, (demand.method, demand.channel))
    shape = len(demand.lines), len(network.sites)
    nothing = np.broadcast_to(np.int64(0), shape)
    return Snapshot(
        now=int(senders.now.timestamp()),
        demand=demand,
        network=network,
        policy=policy,
        metres=network.metres_from(demand.latitude_e6, demand.longitude_e6),
        free=nothing,
        chance=np.broadcast_to(np.int64(model.SURE), shape),
        price=nothing,
        markdown=nothing,
        out={code: tuple(why) for code, why in one.out.items()},
    )


def _policy(words: Words, brand: str) -> Policy:
    assert words.rules is not None, "the rules were looked up"
    return words.rules.live.get(words.rules.brand_of(brand)) or versions.BUILT_IN


def _free(orders: Sequence[Snapshot], seen: Seen) -> dict[str, routing.scarce.Ints]:
    """SKU -> units that orders to be sent may have, by place of the network."""
    network = orders[0].network
    places = {place.code: place for place in seen.words.senders}
    ask = Ask(seen.now, WEB, "", orders[0].demand.method, "", "")
    book, found = seen.words.book, {}
    for sku in {line.sku for order in orders for line in order.demand.lines}:
        item, column = seen.items[sku], np.zeros(len(network.sites), np.int64)
        for at, site in enumerate(network.sites):
            place = places[site.code]
            stock = seen.stock.get((item.item_id, place.location_id))
            if stock is not None and stock.free > 0:
                safety = book.safety(item, place, ask, with_stock=stock.safety).units
                kept = max(safety, book.floor(item, place, ask).units)
                column[at] = 0 if site.leaves_at is None else max(0, stock.free - kept)
        found[sku] = column
    return dict(sorted(found.items()))


def _may_run_out(units: routing.scarce.Ints, expected: float) -> bool:
    return bool(((units > 0) & (units <= expected)).any())


def _terms(shop: routing.scarce.Shop, days: float) -> routing.scarce.Terms:
    """As many orders as come in a season, as far as one program holds them; prices anew each day, as it is done."""
    a_day = len(shop.past) / days
    places = {sku: int((units > 0).sum()) for sku, units in shop.stock.items()}
    columns = sum(places[line.sku] for order in shop.past for line in order.demand.lines) / len(shop.past)
    most = min(ORDERS_MAX, int(COLUMNS_MAX / max(1.0, columns)))
    orders = max(1, min(most, round(a_day * SEASON_DAYS)))
    return scarce.Terms(orders=orders, every=max(1, min(orders, round(a_day))))
