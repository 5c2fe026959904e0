"""What customer and source hear of a package: the facts that every word about it shares."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ambidex.domains import channels, shipping
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Order
from ambidex.domains.shipping import Package, PackageState
from ambidex.flows.kits import sold_lines
from ambidex.flows.locked_work import LockedWork, place_of
from ambidex.flows.say import say
from ambidex.runtime.db import Read, Tx


async def say_of(
    tx: Tx,
    sent: LockedWork,
    package: Package,
    kind: MessageKind,
    *,
    fact_key: str,
    proof: Sequence[str],
    **facts: Any,
) -> None:
    """Tell the customer a fact about one package, once."""
    titles = {line.line_no: line.title for line in sent.order.lines}
    await say(
        tx,
        sent.order,
        kind,
        fact_key=fact_key,
        proof=proof,
        location=await place_of(tx, sent.work),
        work_no=sent.work.work_no,
        items=[{"name": titles[n], "quantity": units} for n, units in package.units.items()],
        parcel=await _parcel_facts(tx, package),
        **facts,
    )


async def not_left_before(read: Read, order: Order, package: Package) -> dict[int, int]:
    """Units of this package by line that leave for the first time; what is sent again left before."""
    every = await shipping.find.packages_of(read, package.order_id)
    left = Counter[int]()
    for other in every:
        if other.package_no != package.package_no and other.dispatched_at is not None:
            left.update(other.units)
    room = {line.line_no: line.quantity - left[line.line_no] for line in order.lines}
    units = {n: min(count, room[n]) for n, count in package.units.items()}
    return {n: count for n, count in units.items() if count > 0}


async def tell_shipped(tx: Tx, sent: LockedWork, package: Package, fresh: Mapping[int, int]) -> None:
    """The source hears which units left, and under which number they can be followed; each unit once.

    What is sent again changes the number of the parcel that did not arrive.
    """
    again = {n: units - fresh.get(n, 0) for n, units in package.units.items() if units > fresh.get(n, 0)}
    before = await _numbers_before(tx, package, again) if again else []
    if fresh:
        await _tell_source(tx, sent, package, fresh, key=f"shipped:{package.package_no}")
    if before:
        key = f"followed:{package.package_no}"
        await _tell_source(tx, sent, package, again, key=key, instead_of=before)


async def _numbers_before(read: Read, package: Package, units: Mapping[int, int]) -> list[str]:
    """Numbers of parcels whose goods are sent again, and that had some of these lines."""
    every = await shipping.find.packages_of(read, package.order_id)
    return [
        one.tracking_number
        for one in every
        if one.sent_again_at is not None and one.tracking_number and not one.units.keys().isdisjoint(units)
    ]


async def _tell_source(
    tx: Tx,
    sent: LockedWork,
    package: Package,
    units: Mapping[int, int],
    *,
    key: str,
    instead_of: Sequence[str] = (),
) -> None:
    order = sent.order
    facts = {
        "work_no": sent.work.work_no,
        "package_no": package.package_no,
        "lines": sold_lines(order, units),
        "tracking": {
            "carrier": package.carrier,
            "number": package.tracking_number,
            "url": package.tracking_url,
            "instead_of": list(instead_of),
        },
    }
    await channels.queue_telling(
        tx, order_id=order.order_id, source_id=order.source_id, kind="shipped", fact_key=key, facts=facts
    )


async def _parcel_facts(read: Read, package: Package) -> dict[str, Any]:
    every = await shipping.find.packages_of(read, package.order_id)
    left = [one for one in every if one.state is not PackageState.OPENED]
    return {
        "number": package.package_no,
        "of": len(left),
        "carrier": package.carrier,
        "tracking_number": package.tracking_number,
        "tracking_url": package.tracking_url,
        "expected_at": package.expected_at,
    }
