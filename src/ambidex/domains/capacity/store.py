"""Writing capacity: limits, pauses, and bookings under a lock on their limits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.capacity.model import Booking, Limit, Pause, Slot, Taken, Wanted
from ambidex.domains.capacity.rules import by_slot
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.runtime.db import Tx

_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('capacity of ' || :place, 0))")
_CLEAR = text("""
DELETE FROM capacity.limits WHERE location_id = :place AND NOT limit_id = ANY(CAST(:kept AS uuid[])) RETURNING limit_id""")
# who booked while this waited for its lock is seen, as it is a statement of its own
_LEAVE = text("""
UPDATE capacity.bookings SET released_at = :now
 WHERE limit_id = ANY(CAST(:gone AS uuid[])) AND released_at IS NULL""")
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


async def take_turn(tx: Tx, place: LocationId) -> None:
    """Nobody else changes what is written for the place until the end of the transaction."""
    await tx.run(_TURN, {"place": str(place)})


async def put_limits(tx: Tx, place: LocationId, limits: Sequence[Limit]) -> None:
    """Exactly these count at the place from now on; one with a known id keeps its bookings, those of others end."""
    ids = [limit.limit_id for limit in limits]
    gone = [row.limit_id for row in await tx.all(_CLEAR, {"place": place, "kept": ids})]
    if gone:
        await tx.run(_LEAVE, {"gone": gone, "now": tx.now})
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
   AND (b.expires_at IS NULL OR b.expires_at > :now)
 GROUP BY b.limit_id, b.starts_at, b.fence_no""")
_BOOK = text("""
INSERT INTO capacity.bookings (order_id, work_no, limit_id, starts_at, fence_no, over, method, channel, done_by,
  expires_at, booked_at)
SELECT *, :now FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[]), CAST(:limits AS uuid[]),
  CAST(:slots AS timestamptz[]), CAST(:fences AS smallint[]), CAST(:over AS boolean[]), CAST(:methods AS text[]),
  CAST(:channels AS text[]), CAST(:done_by AS timestamptz[]), CAST(:until AS timestamptz[])) AS a
ON CONFLICT (order_id, work_no, limit_id) DO UPDATE SET starts_at = excluded.starts_at, fence_no = excluded.fence_no,
  over = excluded.over, method = excluded.method, channel = excluded.channel, done_by = excluded.done_by,
  expires_at = excluded.expires_at, released_at = NULL""")
_LIVE = text("""
SELECT order_id, work_no, limit_id, starts_at, fence_no, over, method, channel, done_by, expires_at
  FROM capacity.bookings
 WHERE limit_id = ANY(CAST(:limits AS uuid[])) AND released_at IS NULL AND done_by >= :since
   AND (expires_at IS NULL OR expires_at > :now) ORDER BY order_id, work_no, limit_id""")
_END = text("""
UPDATE capacity.bookings b SET released_at = :now
  FROM unnest(CAST(:orders AS uuid[]), CAST(:works AS smallint[]), CAST(:limits AS uuid[])) AS a(order_id, work_no, limit_id)
 WHERE (b.order_id, b.work_no, b.limit_id) = (a.order_id, a.work_no, a.limit_id) AND b.released_at IS NULL""")
_FORGET = text("DELETE FROM capacity.bookings WHERE order_id = ANY(CAST(:orders AS uuid[]))")
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
    values: dict[str, Any] = {
        "limits": [slot.limit_id for slot in asked],
        "slots": [slot.starts_at for slot in asked],
        "now": tx.now,
    }
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
        "methods": [one.wanted.method for one in bookings],
        "channels": [one.wanted.channel for one in bookings],
        "done_by": [one.wanted.at for one in bookings],
        "until": [one.until for one in bookings],
        "now": tx.now,
    }
    await tx.run(_BOOK, values)


async def live(tx: Tx, place: LocationId, limit_ids: Collection[UUID], *, since: datetime) -> list[Booking]:
    """What is booked into slots of these limits of a place from a moment on."""
    values = {"limits": sorted(limit_ids), "since": since, "now": tx.now}
    return [_booking(row, place) for row in await tx.all(_LIVE, values)]


async def end(tx: Tx, keys: Sequence[tuple[OrderId, int, UUID]]) -> None:
    """These have no slot of these limits any more."""
    if keys:
        orders, works, limits = zip(*keys, strict=True)
        values: dict[str, Any] = {"orders": list(orders), "works": list(works), "limits": list(limits)}
        await tx.run(_END, {**values, "now": tx.now})


async def forget(tx: Tx, order_ids: Collection[OrderId]) -> None:
    """What was booked for these is not known any more."""
    if order_ids:
        await tx.run(_FORGET, {"orders": sorted(order_ids)})


def _booking(row: Row[Any], place: LocationId) -> Booking:
    wanted = Wanted(OrderId(row.order_id), row.work_no, place, row.method, row.channel, row.done_by)
    return Booking(wanted, Slot(row.limit_id, row.starts_at), row.fence_no, row.over, row.expires_at)


async def release(tx: Tx, works: Sequence[tuple[OrderId, int]]) -> int:
    """How many bookings ended."""
    values = {"orders": [order for order, _ in works], "works": [no for _, no in works], "now": tx.now}
    return len(await tx.all(_RELEASE, values)) if works else 0
