"""Units that nobody wants any more go back to the shelf, each scanned; until then they are not for sale."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from ambidex.domains import fulfillment, inventory, shipping, tasks
from ambidex.domains.fulfillment import Dropped, Work
from ambidex.domains.inventory import Move
from ambidex.domains.orders import Order
from ambidex.domains.tasks import TaskKind
from ambidex.flows.locked_work import claims_of, lock_work, place_of, scanned
from ambidex.kernel.evidence import Proof
from ambidex.runtime.db import Tx

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


async def open_put_away(tx: Tx, dropped: Dropped, *, order: Order, came_back: int = 0) -> None:
    """Ask the floor to put back what was picked or staged for this work; nothing when nothing was.

    `came_back` is the number of a parcel that was returned.
    """
    lying = {"staged": sum(dropped.staged.values()), "in_hand": sum(dropped.in_hand.values())}
    if not any(lying.values()):
        return
    work = dropped.work
    location = await place_of(tx, work)
    due_at = location.hours.after_open_time(tx.now, PUT_AWAY_WITHIN) or tx.now + PUT_AWAY_WITHIN
    where = (work.staging_place or PARCEL) if lying["staged"] else "the picker's basket"
    staged_key = _back_key(work, came_back) if came_back else _key(work, _dropped(work))
    await tasks.open_task(
        tx,
        kind=TaskKind.PUT_AWAY,
        title=f"Put {sum(lying.values())} of order {order.number} back from {where}",
        key=staged_key if lying["staged"] else f"put-back:{work.id}:{_dropped(work)}",
        role="associate",
        location_id=work.location_id,
        due_at=due_at,
        order_id=work.order_id,
        details={"work": work.id, "place": work.staging_place, **lying},
    )


async def put_away(tx: Tx, *, work_id: str, proofs: Sequence[Proof]) -> Work:
    """Scan units back to the shelf: they are for sale again. The task ends with the last one."""
    locked = await lock_work(tx, work_id)
    scans = await scanned(tx, list(proofs))
    work, units, evidence = await fulfillment.put_away(tx, locked.work, scans)
    if not units:
        return work
    await inventory.move(tx, claims_of(work, units), Move.PUT_AWAY, evidence=evidence)
    if not any(line.to_put_away for line in work.lines):
        proof = {"evidence": list(evidence)}
        keys = [_key(work, n) for n in range(_dropped(work) + 1)]
        if work.method != "pickup":
            parcels = await shipping.find.packages_of(tx, work.order_id, work_no=work.work_no)
            keys += [_back_key(work, parcel.package_no) for parcel in parcels]
        _ = [await tasks.finish_by_key(tx, key, proof=proof) for key in keys]
    return work
