"""What an order got beside what was quoted, and which facts explain a difference: read from what each was decided from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.orders import Method
from ambidex.domains.routing import Snapshot
from ambidex.flows.place_order import Placed
from ambidex.flows.quote import Answer
from ambidex.flows.quote_options import Option
from ambidex.kernel.ids import OrderId
from ambidex.runtime.perform import Run

# what is reserved for it, and what is sent to the store where it is collected
_CLAIMS = text("""
SELECT l.code, i.sku, sum(c.units)::integer AS units FROM (
    SELECT location_id, item_id, quantity AS units FROM inventory.reservations WHERE order_id = :order_id
    UNION ALL
    SELECT d.from_id, b.item_id, b.asked FROM transfers.deliveries d JOIN transfers.lines b USING (delivery_id)
     WHERE d.order_id = :order_id) c
  JOIN locations.locations l USING (location_id) JOIN catalogue.items i USING (item_id)
 GROUP BY l.code, i.sku""")
# of a place, in the words of the verdict
FACTS = {
    "free": "stock taken",
    "chance": "stock counted",
    "load": "work waiting",
    "leaves_at": "cut-off passed",
}


@dataclass(frozen=True)
class Got:
    """Units by place and SKU, and when the last of it is due."""

    units: Mapping[tuple[str, str], int]
    due_at: datetime


def quoted(answer: Answer, option: Option) -> Got:
    """What was quoted."""
    units: Counter[tuple[str, str]] = Counter()
    for share in option.shares:
        for line_no, n in share.units.items():
            units[share.place.code, answer.view.goods[line_no - 1].item.sku] += n
    return Got(dict(units), option.due_at)


async def routed(run: Run, placed: Placed) -> Got:
    """What the order got: the stock that is claimed for it and the latest of its promises."""
    async with run.reading() as read:
        rows = await read.all(_CLAIMS, {"order_id": placed.order_id})
    return Got({(r.code, r.sku): r.units for r in rows}, max(one.at for one in placed.view.promises))


async def explained(run: Run, order_id: OrderId, answer: Answer, option: Option) -> set[str]:
    """Which facts about the places of either plan differ between the quote and the order; none: it is not explained."""
    if option.method is Method.PICKUP:
        # the place was chosen: only its clock can move the time
        return {"time passed"}
    async with run.reading() as read:
        decided = await routing.ask.receipt(read, order_id)
    before, after = answer.view.snapshots[option.key], decided.seen_by(answer.view.policy)
    return changed(before, after, answer.view.policy.number, decided.version)


def changed(before: Snapshot, after: Snapshot, version: int, decided_by: int) -> set[str]:
    """In words; of every place that either decision could choose."""
    found = {"rules changed"} if version != decided_by else set()
    for code in sorted({*before.network.index, *after.network.index}):
        found |= {FACTS[name] for name in _differing(before, after, code)}
        if before.out.get(code, ()) != after.out.get(code, ()):
            found.add("place paused")
    return found


def _differing(before: Snapshot, after: Snapshot, code: str) -> Iterable[str]:
    one, other = _of(before, code), _of(after, code)
    return [name for name in FACTS if one[name] != other[name]]


def _of(snapshot: Snapshot, code: str) -> dict[str, Any]:
    """The facts of one place; one that is not named has nothing."""
    at = snapshot.network.index.get(code)
    if at is None or code in snapshot.out:
        return {"free": None, "chance": None, "load": None, "leaves_at": None}
    site = snapshot.network.sites[at]
    free = [int(n) for n in snapshot.free[:, at]]
    # how sure a shelf is found counts only where there is something
    chance = [int(n) if units > 0 else None for n, units in zip(snapshot.chance[:, at], free, strict=True)]
    return {"free": free, "chance": chance, "load": site.load, "leaves_at": site.leaves_at}
