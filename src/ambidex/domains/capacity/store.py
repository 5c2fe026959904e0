"""Writing capacity: limits, pauses, and bookings under a lock on their limits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from ambidex.domains.capacity.model import Booking, Limit, Pause, Slot, Taken
from ambidex.domains.capacity.rules import by_slot
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.runtime.db import Tx

_CLEAR = text(
    "DELETE FROM capacity.limits WHERE location_id = :place AND NOT limit_id = ANY(CAST(:kept AS uuid[]))"
)
_PUT = text("""
INSERT INTO capacity.limits AS l (limit_id, location_id, name, method, days, opens, closes, slot_minutes, works,
  changed_at, changed_by)
SELECT limit_id, :place, name, method, CAST(days AS smallint[]), opens, closes, slot_minutes, works, :now, :actor
  FROM unnest(CAST(:ids AS uuid[]), CAST(:names AS text[]), CAST(:methods AS text[]), CAST(:days AS text[]),
    CAST(:opens AS smallint[]), CAST(:closes AS smallint[]), CAST(:lengths AS smallint[]), CAST(:works AS integer[]))
    AS a(limit_id, name, method, days, opens, closes, slot_minutes, works)
ON CONFLICT (limit_id) DO UPDATE SET name = excluded.name, method = excluded.method, days = excluded.days,
  opens = excluded.opens, closes = excluded.closes, slot_minutes = excluded.slot_minutes, works = excluded.works,
  changed_at = excluded.changed_at, changed_by = excluded.changed_by""")
_CLEAR_FENCES = text("DELETE FROM capacity.fences WHERE limit_id = ANY(CAST(:ids AS uuid[]))")
_PUT_FENCES = text("""
INSERT INTO capacity.fences (limit_id, fence_no, method, channel, works)
SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS smallint[]), CAST(:methods AS text[]),
  CAST(:channels AS text[]), CAST(:works AS integer[])) AS a""")


async def put_limits(tx: Tx, place: LocationId, limits: Sequence[Limit]) -> None:
    """Exactly these count at the place from now on; one with a known id keeps its bookings."""
    ids = [limit.limit_id for limit in limits]
    await tx.run(_CLEAR, {"place": place, "kept": ids})
    if not limits:
        return
    values: dict[str, Any] = {
        "ids": ids,
        "place": place,
        "names": [limit.name for limit in limits],
        "methods": [limit.method for limit in limits],
        "days": ["{" + ",".join(str(day) for day in sorted(limit.days)) + "}" for limit in limits],
        "opens": [limit.opens for limit in limits],
        "closes": [limit.closes for limit in limits],
        "lengths": [limit.slot_minutes for limit in limits],
        "works": [limit.works for limit in limits],
        "now": tx.now,
        "actor": tx.actor.name,
    }
    await tx.run(_PUT, values)
    await tx.run(_CLEAR_FENCES, {"ids": ids})
    rows = [(limit.limit_id, no, fence) for limit in limits for no, fence in enumerate(limit.fences, start=1)]
    if rows:
        await tx.run(
            _PUT_FENCES,
            {
                "ids": [limit_id for limit_id, _, _ in rows],
                "numbers": [no for _, no, _ in rows],
                "methods": [fence.method for _, _, fence in rows],
                "channels": [fence.channel for _, _, fence in rows],
                "works": [fence.works for _, _, fence in rows],
            },
        )


_PAUSE = text("""
INSERT INTO capacity.pauses (pause_id, location_id, method, starts_at, ends_at, reason, paused_by)
VALUES (:pause_id, :place, :method, :now, :until, :reason, :actor)""")
_RESUME = text("""
UPDATE capacity.pauses SET ends_at = :now, ended_by = :actor
 WHERE location_id = :place AND method = :method AND starts_at <= :now AND (ends_at IS NULL OR ends_at > :now)
RETURNING pause_id""")
_RUN_OUT = text("""
WITH over AS (
  SELECT pause_id FROM capacity.pauses WHERE ends_at <= :now AND ended_by = ''
   ORDER BY ends_at, pause_id LIMIT :limit FOR UPDATE SKIP LOCKED)
UPDATE capacity.pauses p SET ended_by = :actor FROM over WHERE p.pause_id = over.pause_id
RETURNING p.location_id, p.method, EXISTS (
  SELECT FROM capacity.pauses q WHERE q.location_id = p.location_id AND q.method = p.method
     AND q.starts_at <= :now AND (q.ends_at IS NULL OR q.ends_at > :now)) AS is_paused_anew""")


async def pause(tx: Tx, place: LocationId, *, method: str, until: datetime | None, reason: str) -> Pause:
    pause_id = tx.new_id()
    values = {
        "pause_id": pause_id, "place": place, "method": method, "now": tx.now, "until": until,
        "reason": reason, "actor": tx.actor.name,
    }  # fmt: skip
    await tx.run(_PAUSE, values)
    return Pause(pause_id, place, method, tx.now, until, reason, tx.actor.name)


async def resume(tx: Tx, place: LocationId, method: str) -> list[UUID]:
    """End what pauses this method there now; the pauses that ended."""
    values = {"place": place, "method": method, "now": tx.now, "actor": tx.actor.name}
    return [row.pause_id for row in await tx.all(_RESUME, values)]


async def run_out(tx: Tx, *, limit: int) -> tuple[int, set[tuple[LocationId, str]]]:
    """Pauses whose time came to its end are noted as over: how many, and (place, method) that are not paused anew."""
    rows = await tx.all(_RUN_OUT, {"now": tx.now, "actor": tx.actor.name, "limit": limit})
    return len(rows), {(LocationId(row.location_id), row.method) for row in rows if not row.is_paused_anew}


_LOCK = text("""
SELECT limit_id FROM capacity.limits WHERE limit_id = ANY(CAST(:ids AS uuid[])) ORDER BY limit_id FOR NO KEY UPDATE""")
_TAKEN = text("""
SELECT b.limit_id, b.starts_at, b.fence_no, count(*) AS works
  FROM unnest(CAST(:limits AS uuid[]), CAST(:slots AS timestamptz[])) AS a(limit_id, starts_at)
  JOIN capacity.bookings b ON b.limit_id = a.limit_id AND b.starts_at = a.starts_at AND b.released_at IS NULL
 GROUP BY b.limit_id, b.starts_at, b.fence_no""")
_BOOK = text("""
INSERT INTO capacity.bookings (order_id, work_no, limit_id, starts_at, fence_no, over, booked_at)
SELECT *, :now FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[]), CAST(:limits AS uuid[]),
  CAST(:slots AS timestamptz[]), CAST(:fences AS smallint[]), CAST(:over AS boolean[])) AS a""")
_RELEASE = text("""
UPDATE capacity.bookings b SET released_at = :now
  FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[])) AS a(order_id, work_no)
 WHERE b.order_id = a.order_id AND b.work_no = a.work_no AND b.released_at IS NULL
RETURNING b.order_id""")


async def lock(tx: Tx, limit_ids: Collection[UUID]) -> set[UUID]:
    """Nobody else books into slots of these until the end of the transaction; those that still count."""
    return {row.limit_id for row in await tx.all(_LOCK, {"ids": sorted(limit_ids)})} if limit_ids else set()


async def taken(tx: Tx, slots: Iterable[Slot]) -> dict[Slot, Taken]:
    """How full these slots are; those that nobody booked are left out."""
    asked = sorted(set(slots))
    if not asked:
        return {}
    values = {"limits": [slot.limit_id for slot in asked], "slots": [slot.starts_at for slot in asked]}
    return by_slot(
        (Slot(row.limit_id, row.starts_at), row.fence_no, row.works) for row in await tx.all(_TAKEN, values)
    )


async def book(tx: Tx, bookings: Sequence[Booking]) -> None:
    values: dict[str, Any] = {
        "orders": [one.wanted.order_id for one in bookings],
        "works": [one.wanted.work_no for one in bookings],
        "limits": [one.slot.limit_id for one in bookings],
        "slots": [one.slot.starts_at for one in bookings],
        "fences": [one.fence for one in bookings],
        "over": [one.over for one in bookings],
        "now": tx.now,
    }
    await tx.run(_BOOK, values)


async def release(tx: Tx, works: Sequence[tuple[OrderId, int]]) -> int:
    """How many bookings ended."""
    values = {"orders": [order for order, _ in works], "works": [no for _, no in works], "now": tx.now}
    return len(await tx.all(_RELEASE, values)) if works else 0
