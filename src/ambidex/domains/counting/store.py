"""Counts as they are needed for a decision. A count is locked before stock is (domains/inventory); then it moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.counting.model import (
    COUNT,
    Count,
    CountKind,
    CountState,
    CountVerb,
    Entry,
    Place,
    Policy,
    Tolerance,
)
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.runtime.db import Read, Tx

_COLUMNS = """item_id, count_id, location_id, kind, cause, state, counters, counted, expected, counted_at, opened_at"""
_WAITING = "state IN ('open', 'counting', 'recount', 'to_approve')"
_OPEN = text(f"""
INSERT INTO counting.counts (item_id, count_id, location_id, kind, cause, state, opened_at)
VALUES (:item_id, :count_id, :location_id, :kind, :cause, 'open', :now)
ON CONFLICT (item_id, location_id) WHERE {_WAITING} DO NOTHING
RETURNING {_COLUMNS}""")  # noqa: S608  # constants
_LOCK_AT = text(f"""
SELECT {_COLUMNS} FROM counting.counts WHERE item_id = :item_id AND location_id = :location_id AND {_WAITING}
FOR NO KEY UPDATE""")  # noqa: S608  # constants
_LOCK_ALL = text(f"""
SELECT {_COLUMNS} FROM counting.counts
 WHERE {_WAITING} AND (item_id, location_id) IN
   (SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])))
 ORDER BY item_id, count_id FOR NO KEY UPDATE""")  # noqa: S608  # constants
_LOCK_ONE = text(f"SELECT {_COLUMNS} FROM counting.counts WHERE count_id = :count_id FOR NO KEY UPDATE")  # noqa: S608
_PLACE = text("SELECT item_id, location_id FROM counting.counts WHERE count_id = :count_id")
_MOVE = text("""
UPDATE counting.counts SET state = :to, counted = :counted, expected = :expected, counted_at = :counted_at,
  counted_by = :counted_by, counters = CAST(:counters AS text[]), decided_by = :decided_by, closed_at = :closed_at
 WHERE item_id = :item_id AND count_id = :count_id AND state = :state RETURNING count_id""")
_ADD_ENTRY = text("""
INSERT INTO counting.entries (item_id, count_id, entry_no, counted, expected, counted_by, counted_by_name, device, key,
  happened_at, recorded_at)
VALUES (:item_id, :count_id, :entry_no, :counted, :expected, :counted_by, :counted_by_name, :device, :key,
  :happened_at, :now)""")
_ENTRIES = text("""
SELECT counted, expected, happened_at, counted_by, counted_by_name, device, key FROM counting.entries
 WHERE item_id = :item_id AND count_id = :count_id ORDER BY entry_no LIMIT 20""")
_BY_KEY = text(f"""
SELECT {", ".join("c." + name.strip() for name in _COLUMNS.split(","))}, e.counted AS entered
  FROM counting.entries e JOIN counting.counts c USING (item_id, count_id)
 WHERE e.counted_by = :actor AND e.key = :key""")  # noqa: S608  # constants
_POLICY = text("""
SELECT recount_units, recount_value_minor, approve_units, approve_value_minor FROM counting.policies
 WHERE location_id = :location_id""")
_PUT_POLICY = text("""
INSERT INTO counting.policies (location_id, recount_units, recount_value_minor, approve_units, approve_value_minor,
  changed_by, changed_at)
VALUES (:location_id, :recount_units, :recount_value_minor, :approve_units, :approve_value_minor, :actor, :now)
ON CONFLICT (location_id) DO UPDATE SET recount_units = excluded.recount_units,
  recount_value_minor = excluded.recount_value_minor, approve_units = excluded.approve_units,
  approve_value_minor = excluded.approve_value_minor, changed_by = excluded.changed_by,
  changed_at = excluded.changed_at""")


async def open_one(tx: Tx, place: Place, *, kind: CountKind, cause: str) -> Count | None:
    """A new open count; None when one is waiting already."""
    row = await tx.maybe(
        _OPEN,
        {
            "item_id": place[0],
            "location_id": place[1],
            "count_id": tx.new_id(),
            "kind": kind.value,
            "cause": cause,
            "now": tx.now,
        },
    )
    return None if row is None else _count(row)


async def lock_waiting(tx: Tx, place: Place) -> Count | None:
    """The waiting count of a position, locked; None when there is none."""
    row = await tx.maybe(_LOCK_AT, {"item_id": place[0], "location_id": place[1]})
    return None if row is None else _count(row)


async def lock_all_waiting(tx: Tx, places: Sequence[Place]) -> list[Count]:
    """The waiting counts of these positions, locked in order."""
    rows = await tx.all(_LOCK_ALL, {"items": [p[0] for p in places], "places": [p[1] for p in places]})
    return [_count(row) for row in rows]


async def lock(tx: Tx, count_id: UUID) -> Count | None:
    row = await tx.maybe(_LOCK_ONE, {"count_id": count_id})
    return None if row is None else _count(row)


async def place_of(read: Read, count_id: UUID) -> Place | None:
    row = await read.maybe(_PLACE, {"count_id": count_id})
    return None if row is None else (ItemId(row.item_id), LocationId(row.location_id))


async def move(
    tx: Tx, count: Count, verb: CountVerb, *, entry: Entry | None = None, decided_by: str = ""
) -> bool:
    """Move a count, provided that it is still in the state we decided on."""
    to = COUNT.after(count.state, verb)
    moved = await tx.maybe(
        _MOVE,
        {
            "item_id": count.item_id,
            "count_id": count.count_id,
            "state": count.state.value,
            "to": to.value,
            "counted": count.counted if entry is None else entry.counted,
            "expected": count.expected if entry is None else entry.expected,
            "counted_at": count.counted_at if entry is None else entry.happened_at,
            "counted_by": (count.counters[-1] if count.counters else "")
            if entry is None
            else entry.counted_by,
            "counters": [*count.counters, entry.counted_by] if entry is not None else list(count.counters),
            "decided_by": decided_by,
            "closed_at": tx.now if to in COUNT.ends else None,
        },
    )
    return moved is not None


async def add_entry(tx: Tx, count: Count, entry: Entry) -> None:
    values: dict[str, Any] = {name: getattr(entry, name) for name in Entry.__slots__}
    number = len(count.counters) + 1
    await tx.run(
        _ADD_ENTRY,
        values | {"item_id": count.item_id, "count_id": count.count_id, "entry_no": number, "now": tx.now},
    )


async def entries_of(read: Read, count: Count) -> list[Entry]:
    """What was entered, in order."""
    rows = await read.all(_ENTRIES, {"item_id": count.item_id, "count_id": count.count_id})
    return [Entry(*tuple(row)) for row in rows]


async def by_key(read: Read, actor_id: str, key: str) -> tuple[Count, int] | None:
    """The count that this person entered under this key, and the number."""
    row = await read.maybe(_BY_KEY, {"actor": actor_id, "key": key})
    return None if row is None else (_count(row), row.entered)


async def policy_of(read: Read, location_id: LocationId) -> Policy | None:
    row = await read.maybe(_POLICY, {"location_id": location_id})
    if row is None:
        return None
    return Policy(
        Tolerance(row.recount_units, row.recount_value_minor),
        Tolerance(row.approve_units, row.approve_value_minor),
    )


async def put_policy(tx: Tx, location_id: LocationId, policy: Policy) -> None:
    await tx.run(
        _PUT_POLICY,
        {
            "location_id": location_id,
            "recount_units": policy.recount.units,
            "recount_value_minor": policy.recount.value_minor,
            "approve_units": policy.approve.units,
            "approve_value_minor": policy.approve.value_minor,
            "actor": tx.actor.id,
            "now": tx.now,
        },
    )


def _count(row: Row[Any]) -> Count:
    return Count(
        item_id=ItemId(row.item_id),
        count_id=row.count_id,
        location_id=LocationId(row.location_id),
        kind=CountKind(row.kind),
        cause=row.cause,
        state=CountState(row.state),
        counters=tuple(row.counters),
        counted=row.counted,
        expected=row.expected,
        counted_at=row.counted_at,
        opened_at=row.opened_at,
    )
