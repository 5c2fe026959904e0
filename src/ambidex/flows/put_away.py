"""Units that nobody wants any more go back to the shelf, each scanned; until then they are not for sale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import fulfillment, inventory, locations, shipping, tasks
from ambidex.domains.fulfillment import Dropped, Parcels, Work
from ambidex.domains.inventory import Move
from ambidex.domains.orders import Method, Order
from ambidex.domains.shipping import Package
from ambidex.domains.tasks import TaskKind
from ambidex.flows.locked_work import claims_of, lock_work, scanned
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx

PUT_AWAY_WITHIN = timedelta(hours=4)
PARCEL = "its parcel"


def _key(work: Work, dropped: int) -> str:
    """One task for what lies about after so many units were dropped."""
    return f"put-away:{work.id}:{dropped}"


def _dropped(work: Work) -> int:
    return sum(line.dropped for line in work.lines)


def _back_key(work: Work, package_no: int) -> str:
    """One task for each parcel that came back."""
    return f"put-away:{work.id}:back-{package_no}"


async def open_put_away(
    tx: Tx, dropped: Dropped, *, order: Order, came_back: int = 0, at: LocationId | None = None
) -> None:
    """Ask the floor to put back what was picked or staged for this work; nothing when nothing was.

    `came_back` is the number of a parcel that was returned, `at` where, when it is not the place of the work.
    """
    lying = {"staged": sum(dropped.staged.values()), "in_hand": sum(dropped.in_hand.values())}
    if not any(lying.values()):
        return
    work = dropped.work
    location = await locations.by_id(tx, at or work.location_id)
    due_at = location.hours.after_open_time(tx.now, PUT_AWAY_WITHIN) or tx.now + PUT_AWAY_WITHIN
    where = (work.staging_place or PARCEL) if lying["staged"] else "the picker's basket"
    staged_key = _back_key(work, came_back) if came_back else _key(work, _dropped(work))
    await tasks.open_task(
        tx,
        kind=TaskKind.PUT_AWAY,
        title=f"Put {sum(lying.values())} of order {order.number} back from {where}",
        key=staged_key if lying["staged"] else f"put-back:{work.id}:{_dropped(work)}",
        role="associate",
        location_id=location.location_id,
        due_at=due_at,
        order_id=work.order_id,
        details={"work": work.id, "place": work.staging_place, **lying},
    )


async def put_away(
    tx: Tx, *, work_id: str, proofs: Sequence[Proof], location_id: LocationId | None = None
) -> Work:
    """Scan units back to the shelf: they are for sale again. The task ends with the last one that lies there.

    `location_id`: where a parcel of this work came back, when that is not the place of the work.
    """
    locked = await lock_work(tx, work_id)
    before, at = locked.work, location_id or locked.work.location_id
    scans = await scanned(tx, list(proofs))
    parcels = await _came_back(tx, before)
    lying = await _lying(tx, before, parcels, at=at)
    work, units, evidence = await fulfillment.put_away(tx, before, scans, at=at, lying=lying)
    if not units:
        return work
    claims = [replace(claim, location_id=at) for claim in claims_of(work, units)]
    await inventory.move(tx, claims, Move.PUT_AWAY, evidence=evidence)
    if not any((await _lying(tx, work, parcels, at=at)).values()):
        await _done(tx, work, [one for one in parcels if one.back_at == at], at=at, evidence=evidence)
    return work


async def _done(
    tx: Tx, work: Work, parcels: Sequence[Package], *, at: LocationId, evidence: Sequence[str]
) -> None:
    """Nothing lies there any more."""
    keys = [_back_key(work, parcel.package_no) for parcel in parcels]
    if at == work.location_id:
        keys += [_key(work, n) for n in range(_dropped(work) + 1)]
    _ = [await tasks.finish_by_key(tx, key, proof={"evidence": list(evidence)}) for key in keys]


async def _came_back(read: Read, work: Work) -> list[Package]:
    if work.method == Method.PICKUP:
        return []
    parcels = await shipping.find.packages_of(read, work.order_id, work_no=work.work_no)
    return [parcel for parcel in parcels if parcel.back_at is not None]


async def _lying(read: Read, work: Work, parcels: Sequence[Package], *, at: LocationId) -> dict[int, int]:
    """Units by line that wait there to be put away: those of parcels that came back, at home also those dropped."""
    away = Counter[int]()
    for parcel in parcels:
        if parcel.back_at == at if at != work.location_id else parcel.back_at != at:
            away.update(parcel.units)
    if parcels:
        for place, units in (await Parcels.put_back(read, work)).items():
            if place == at if at != work.location_id else place != at:
                away.subtract(units)
    if at != work.location_id:
        return {line.line_no: away[line.line_no] for line in work.lines}
    return {line.line_no: line.to_put_away - away[line.line_no] for line in work.lines}
