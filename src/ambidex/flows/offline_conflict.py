"""What was done without a network does not fit what stands: a lead sees both sides and settles it.

Several deeds about one work make one task while it is open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.domains import locations, pocket, tasks
from ambidex.domains.fulfillment import Work
from ambidex.domains.locations import UnknownLocation
from ambidex.domains.pocket import Conflict, Deed
from ambidex.domains.tasks import TASK, TaskKind
from ambidex.domains.watch import Cause
from ambidex.flows import ownership
from ambidex.flows.locked_work import lock_work
from ambidex.flows.ownership import About
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import LocationId, TaskId
from ambidex.kernel.problem import NotFound, Problem
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

DONE_WORDS = {
    "count": "a count",
    "accept": "accepting",
    "refuse": "refusing",
    "pick": "picking",
    "cannot_find": "a missing item",
    "stage": "staging",
    "ready": "making ready",
    "hand_over": "a hand-over",
}


async def note_conflict(tx: Tx, deed: Deed, refused: Problem) -> TaskId:
    """Write both sides down with a task for a person; its id."""
    work = await _work_of(tx, deed)
    owned = await _placed(tx, deed, work)
    told = {"problem": refused.title, "advice": refused.advice, "code": refused.code}
    stands = {**told, **_standing(work)}
    task_id = await _open_task_of(tx, deed.subject) or await _new_task(tx, owned, work, refused)
    await pocket.object_to(tx, owned, Conflict(refused.title, stands, task_id))
    return task_id


async def _work_of(tx: Tx, deed: Deed) -> Work | None:
    """The work it was about, its order locked; None when it is none, or not of a place of this actor."""
    if "work" not in deed.said:
        return None
    try:
        work = (await lock_work(tx, deed.said["work"])).work
    except NotFound:
        return None
    return work if tx.actor.may(Permission.WORK_DO, at=work.location_id) else None


async def _placed(tx: Tx, deed: Deed, work: Work | None) -> Deed:
    """The deed with the place whose lead settles it: where the work is, else where the person works."""
    if work is not None:
        return replace(deed, order_id=work.order_id, location_id=work.location_id)
    return replace(deed, location_id=await _counted_at(tx, deed) or tx.actor.at)


async def _counted_at(tx: Tx, deed: Deed) -> LocationId | None:
    try:
        place = await locations.by_code(tx, str(deed.said.get("location", "")))
    except UnknownLocation:
        return None
    return place.location_id if tx.actor.may(Permission.STOCK_COUNT, at=place.location_id) else None


def _standing(work: Work | None) -> Mapping[str, Any]:
    """What is known here of the work now."""
    if work is None:
        return {}
    return {
        "state": work.state.value,
        "since": work.state_since,
        "by": work.assignee_name,
        "cause": work.cause,
        "place": work.staging_place,
        "collector": work.collector,
    }


async def _open_task_of(tx: Tx, subject: str) -> TaskId | None:
    task_id = await pocket.conflict_task(tx, subject)
    if task_id is None or (await tasks.of_id(tx, task_id)).state in TASK.ends:
        return None
    return task_id


async def _new_task(tx: Tx, deed: Deed, work: Work | None, refused: Problem) -> TaskId:
    what = DONE_WORDS[deed.kind.value]
    return await ownership.hand_to_person(
        tx,
        order_id=None if work is None else work.order_id,
        kind="offline-conflict",
        cause=Cause.SYSTEM,
        title=f"Settle {what} done offline",
        detail=f"{tx.actor.name} did it without a network: {refused.title}",
        key=f"offline:{tx.actor.id}:{deed.key}",
        role="lead",
        about=About(
            location_id=deed.location_id,
            task=TaskKind.SETTLE_OFFLINE,
            facts={"subject": deed.subject, "deed": deed.kind.value},
        ),
    )
