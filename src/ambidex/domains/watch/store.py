"""Watchdogs and the one ownership row of an order, for decisions. Flows hold the order's lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, text, update

from ambidex.domains.watch.model import (
    WATCHDOG,
    Cause,
    NewOwner,
    NewWatchdog,
    Owner,
    Trouble,
    Waiting,
    WaitsFor,
    Watchdog,
    WatchdogKey,
    WatchdogState,
    WatchdogVerb,
)
from ambidex.domains.watch.tables import exceptions, ownership, watchdogs
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import ExceptionId, OrderId
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

CLOSED = (WatchdogState.RESOLVED, WatchdogState.CANCELED)
WAITING = (WatchdogState.ARMED, WatchdogState.DUE_SOON)

# Arming what was armed before arms it anew: one watchdog for each thing waited for.
_ARM = text("""
INSERT INTO watch.watchdogs
  (order_id, waits_for, work_no, location_id, state, armed_at, due_at, look_at, next_at)
SELECT a.order_id, a.waits_for, a.work_no, a.location_id, 'armed', :now, a.due_at, a.look_at, a.next_at
  FROM unnest(CAST(:orders AS uuid[]), CAST(:waits AS text[]), CAST(:works AS smallint[]),
              CAST(:places AS uuid[]), CAST(:dues AS timestamptz[]), CAST(:extra AS timestamptz[]),
              CAST(:nexts AS timestamptz[]))
  AS a(order_id, waits_for, work_no, location_id, due_at, look_at, next_at)
ON CONFLICT (order_id, work_no, waits_for)
DO UPDATE SET state = 'armed', armed_at = excluded.armed_at, due_at = excluded.due_at, level = 0,
   look_at = excluded.look_at, next_at = excluded.next_at, location_id = excluded.location_id,
   acknowledged_by = '', closed_at = NULL
""")

_OWN = text("""
INSERT INTO watch.ownership AS o
  (order_id, role, location_id, staff_id, since, next_step, next_deadline, level, waiting_for)
SELECT a.order_id, a.role, a.location_id, a.staff_id, :now, a.next_step, a.next_deadline, a.level, a.waiting_for
  FROM unnest(CAST(:orders AS uuid[]), CAST(:roles AS text[]), CAST(:places AS uuid[]), CAST(:staff AS uuid[]),
              CAST(:steps AS text[]), CAST(:deadlines AS timestamptz[]), CAST(:levels AS smallint[]),
              CAST(:waiting AS text[]))
  AS a(order_id, role, location_id, staff_id, next_step, next_deadline, level, waiting_for)
ON CONFLICT (order_id) DO UPDATE SET
  since = CASE WHEN (o.role, o.location_id, o.staff_id) IS NOT DISTINCT FROM
                    (excluded.role, excluded.location_id, excluded.staff_id) THEN o.since ELSE excluded.since END,
  role = excluded.role, location_id = excluded.location_id, staff_id = excluded.staff_id,
  next_step = excluded.next_step, next_deadline = excluded.next_deadline, level = excluded.level,
  waiting_for = excluded.waiting_for
""")


async def arm(tx: Tx, dogs: Sequence[NewWatchdog], looks: Sequence[datetime]) -> None:
    """Arm them all in one statement; `looks` is when each is looked at first."""
    await tx.run(
        _ARM,
        {
            "orders": [d.order_id for d in dogs],
            "waits": [d.waits_for.value for d in dogs],
            "works": [d.work_no for d in dogs],
            "places": [d.location_id for d in dogs],
            "dues": [d.due_at for d in dogs],
            "extra": [d.look_at for d in dogs],
            "nexts": list(looks),
            "now": tx.now,
        },
    )


async def own(tx: Tx, rows: Sequence[NewOwner]) -> None:
    """Write the one ownership row of each order; `since` stays when the owner stays."""
    await tx.run(
        _OWN,
        {
            "orders": [r.order_id for r in rows],
            "roles": [r.role for r in rows],
            "places": [r.location_id for r in rows],
            "staff": [r.staff_id for r in rows],
            "steps": [r.next_step for r in rows],
            "deadlines": [r.next_deadline for r in rows],
            "levels": [r.level for r in rows],
            "waiting": [r.waiting_for.value for r in rows],
            "now": tx.now,
        },
    )


_BEGUN = Insert.into(
    "watch.watchdogs",
    {
        "order_id": "uuid",
        "work_no": "smallint",
        "waits_for": "text",
        "location_id": "uuid",
        "due_at": "timestamptz",
        "look_at": "timestamptz",
        "next_at": "timestamptz",
    },
    same={"state": "'armed'", "armed_at": ":now"},
)
_OWNED = Insert.into(
    "watch.ownership",
    {
        "order_id": "uuid",
        "role": "text",
        "location_id": "uuid",
        "staff_id": "uuid",
        "next_step": "text",
        "next_deadline": "timestamptz",
        "level": "smallint",
        "waiting_for": "text",
    },
    same={"since": ":now"},
)


def begun(
    dogs: Sequence[NewWatchdog], looks: Sequence[datetime], owners: Sequence[NewOwner], *, now: datetime
) -> tuple[Write, Write]:
    """The first watchdogs and the owners of orders that are placed now."""
    armed = [
        (d.order_id, d.work_no, d.waits_for.value, d.location_id, d.due_at, d.look_at, at)
        for d, at in zip(dogs, looks, strict=True)
    ]
    owned = [
        (
            o.order_id,
            o.role,
            o.location_id,
            o.staff_id,
            o.next_step,
            o.next_deadline,
            o.level,
            o.waiting_for.value,
        )
        for o in owners
    ]
    return _BEGUN.rows(armed, now=now), _OWNED.rows(owned, now=now)


async def let_go(tx: Tx, order_id: OrderId) -> bool:
    """Remove the ownership row; False when there was none."""
    return await tx.run(delete(ownership).where(ownership.c.order_id == order_id)) == 1


async def close(
    tx: Tx,
    order_id: OrderId,
    verb: WatchdogVerb,
    *,
    work_no: int | None = None,
    waits_for: WaitsFor | None = None,
) -> list[Watchdog]:
    """Resolve or cancel every open watchdog that matches; those that were closed."""
    change = update(watchdogs).where(watchdogs.c.order_id == order_id, watchdogs.c.state.not_in(CLOSED))
    if work_no is not None:
        change = change.where(watchdogs.c.work_no == work_no)
    if waits_for is not None:
        change = change.where(watchdogs.c.waits_for == waits_for)
    state = WATCHDOG.after(WatchdogState.ARMED, verb)
    rows = await tx.all(change.values(state=state, closed_at=tx.now, next_at=None).returning(watchdogs))
    return [_watchdog(row) for row in rows]


async def move(
    tx: Tx, dog: Watchdog, verb: WatchdogVerb | None, *, next_at: datetime | None, level: int, by: str = ""
) -> Watchdog | None:
    """Move a watchdog, provided that it is still as we decided on; None when it is not.

    Without a verb only the next look and the level change.
    """
    state = dog.state if verb is None else WATCHDOG.after(dog.state, verb)
    row = await tx.maybe(
        update(watchdogs)
        .where(
            watchdogs.c.order_id == dog.order_id,
            watchdogs.c.work_no == dog.work_no,
            watchdogs.c.waits_for == dog.waits_for,
            watchdogs.c.state == dog.state,
            watchdogs.c.level == dog.level,
        )
        .values(state=state, next_at=next_at, level=level, acknowledged_by=by)
        .returning(watchdogs)
    )
    return None if row is None else _watchdog(row)


async def look_now(tx: Tx, location_ids: Sequence[Any]) -> int:
    """Have watchdogs of these places that have not fired looked at in the next sweep: their hours changed.

    Those that fired are at somebody's turn, which a changed place does not shorten.
    """
    return await tx.run(
        update(watchdogs)
        .where(watchdogs.c.location_id.in_(location_ids), watchdogs.c.state.in_(WAITING))
        .values(next_at=tx.now)
    )


async def due(read: Read, *, limit: int) -> list[tuple[OrderId, WatchdogKey]]:
    """Watchdogs to be looked at, longest waiting first. Not locked: the look locks the order first."""
    rows = await read.all(
        select(watchdogs.c.order_id, watchdogs.c.work_no, watchdogs.c.waits_for)
        .where(watchdogs.c.next_at <= read.now)
        .order_by(watchdogs.c.next_at, watchdogs.c.due_at)
        .limit(limit)
    )
    return [(row.order_id, (row.work_no, WaitsFor(row.waits_for))) for row in rows]


async def open_watchdogs(read: Read, order_id: OrderId) -> list[Watchdog]:
    """What still waits on this order, the earliest deadline first."""
    rows = await read.all(
        select(watchdogs)
        .where(watchdogs.c.order_id == order_id, watchdogs.c.state.not_in(CLOSED))
        .order_by(watchdogs.c.due_at, watchdogs.c.work_no, watchdogs.c.waits_for)
        .limit(200)
    )
    return [_watchdog(row) for row in rows]


async def owner(read: Read, order_id: OrderId) -> Owner | None:
    """Who owns it now; None when nothing is left to happen."""
    row = await read.maybe(select(ownership).where(ownership.c.order_id == order_id))
    return None if row is None else _owner(row)


async def add_exception(tx: Tx, trouble: Trouble) -> None:
    """Store an exception."""
    await tx.run(
        insert(exceptions).values(
            exception_id=trouble.exception_id,
            order_id=trouble.order_id,
            work_no=trouble.work_no,
            location_id=trouble.location_id,
            kind=trouble.kind,
            cause=trouble.cause.value,
            detail=trouble.detail,
            facts=json_value(dict(trouble.facts)),
            owner_role=trouble.owner_role,
            opened_at=trouble.opened_at,
            due_at=trouble.due_at,
        )
    )


async def close_exception(tx: Tx, exception_id: ExceptionId, *, outcome: str) -> Trouble | None:
    """Resolve it, provided that it is open; None when it is not."""
    row = await tx.maybe(
        update(exceptions)
        .where(exceptions.c.exception_id == exception_id, exceptions.c.state == "open")
        .values(state="resolved", closed_at=tx.now, outcome=outcome)
        .returning(exceptions)
    )
    return None if row is None else _trouble(row)


async def open_exceptions(read: Read, order_id: OrderId) -> list[Trouble]:
    """What still needs a person on this order, oldest first."""
    rows = await read.all(
        select(exceptions)
        .where(exceptions.c.order_id == order_id, exceptions.c.state == "open")
        .order_by(exceptions.c.opened_at)
        .limit(100)
    )
    return [_trouble(row) for row in rows]


def _watchdog(row: Row[Any]) -> Watchdog:
    columns: Mapping[str, Any] = row._asdict()
    return Watchdog(**{**columns, "waits_for": WaitsFor(row.waits_for), "state": WatchdogState(row.state)})


def _owner(row: Row[Any]) -> Owner:
    return Owner(**{**row._asdict(), "waiting_for": Waiting(row.waiting_for)})


def _trouble(row: Row[Any]) -> Trouble:
    return Trouble(**{**row._asdict(), "cause": Cause(row.cause)})
