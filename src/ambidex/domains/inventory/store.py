"""Reading and changing stock for a decision. Positions are locked last of all, in (item, location) order.

Each change is one guarded statement: its CTE takes the row locks in order, the UPDATE recomputes the gap, and a
row that does not meet its guard is not returned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text

from ambidex.domains.inventory import rules
from ambidex.domains.inventory.model import (
    CONDITIONS,
    SUMMED,
    Change,
    Claim,
    Entry,
    Hold,
    Move,
    Place,
    Position,
    Said,
    Shifted,
    Short,
)
from ambidex.kernel.ids import ItemId
from ambidex.runtime.db import Tx

_TICK = "greatest(CAST(:now AS timestamptz), p.changed_at + interval '1 microsecond')"


def _shift(guard: str = "true", *, before: str = "", asked: str = "", **columns: str) -> TextClause:
    """One statement that claims or frees `a.n` units per row; `columns` are the new values, the gap follows from them.

    `before` is a change of other rows in the same round trip.
    """
    new = {name: columns.get(name, f"p.{name}") for name in ("reserved", "held")}
    gap = f"greatest(0, ({new['reserved']}) + ({new['held']}) - p.sellable)"
    sets = ", ".join(f"{name} = {value}" for name, value in (columns | {"gap": gap}).items())
    return text(
        f"""
WITH {before}asked AS ({asked or _ASKED}), locked AS MATERIALIZED (
  SELECT p.gap, a.* FROM inventory.positions p JOIN asked a USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p
)
UPDATE inventory.positions p SET {sets}, changed_at = {_TICK}
  FROM locked a
 WHERE p.item_id = a.item_id AND p.location_id = a.location_id AND ({guard})
RETURNING p.item_id, p.location_id, a.n, a.gap AS was_gap, p.gap"""  # noqa: S608  # made of the constants below
    )


_ASKED = """
  SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:units AS integer[]))
    AS a(item_id, location_id, n)"""
# `kept` is what this buyer may not have: safety stock, thresholds, floors; unless said, the safety of the position
_ASKED_KEPT = """
  SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:units AS integer[]),
    CAST(:kept AS integer[])) AS a(item_id, location_id, n, kept)"""
_FREE = "p.reserved + p.held + a.n <= p.sellable - coalesce(a.kept, p.safety)"
_CLAIMS = """unnest(CAST(:of_items AS uuid[]), CAST(:of_places AS uuid[]), CAST(:of_orders AS uuid[]),
  CAST(:of_lines AS smallint[]), CAST(:claimed AS integer[]), CAST(:due_at AS timestamptz[]))
    AS a(item_id, location_id, order_id, line_no, quantity, due_at)"""
_RESERVE = f"""
INSERT INTO inventory.reservations AS r (item_id, location_id, order_id, line_no, quantity, due_at, made_at)
SELECT item_id, location_id, order_id, line_no, quantity, due_at, :now FROM {_CLAIMS}
 ORDER BY item_id, location_id, order_id, line_no
ON CONFLICT (item_id, location_id, order_id, line_no)
DO UPDATE SET quantity = r.quantity + excluded.quantity, due_at = coalesce(excluded.due_at, r.due_at),
  closed_at = NULL"""  # noqa: S608  # a constant
TAKE = _shift(_FREE, asked=_ASKED_KEPT, reserved="p.reserved + a.n")
RESERVE_AND_TAKE = _shift(
    _FREE, before=f"made AS ({_RESERVE}), ", asked=_ASKED_KEPT, reserved="p.reserved + a.n"
)
HOLD = _shift(_FREE, asked=_ASKED_KEPT, held="p.held + a.n")
GIVE_BACK = _shift(reserved="p.reserved - a.n")
UNHOLD = _shift(held="p.held - a.n")
HOLD_TO_RESERVATION = _shift(held="p.held - a.n", reserved="p.reserved + a.n")
_GUARDED = (TAKE, RESERVE_AND_TAKE, HOLD)


async def shift(
    tx: Tx,
    statement: TextClause,
    units: Mapping[Place, int],
    *,
    kept: Mapping[Place, int] | None = None,
    **more: Any,
) -> list[Shifted]:
    """Run one of the statements above; rows that did not meet its guard are missing from the answer."""
    if not units:
        return []
    places = sorted(units)
    values = _arrays(places) | {"units": [units[p] for p in places], "now": tx.now}
    if statement in _GUARDED:
        values |= {"kept": [(kept or {}).get(p) for p in places]}
    return [Shifted(*tuple(row)) for row in await tx.all(statement, values | more)]


_POSITIONS_NEEDED = text("""
INSERT INTO inventory.positions (item_id, location_id, safety, spot, changed_at)
SELECT item_id, location_id, coalesce(safety, 0), coalesce(spot, ''), CAST(:now AS timestamptz) - interval '1 us'
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:safety AS integer[]), CAST(:spots AS text[]))
    AS a(item_id, location_id, safety, spot)
 ORDER BY item_id, location_id
ON CONFLICT (item_id, location_id) DO NOTHING""")
_POSITION_TERMS = text("""
WITH asked AS (
  SELECT * FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:safety AS integer[]),
    CAST(:spots AS text[])) AS a(item_id, location_id, safety, spot)
), locked AS MATERIALIZED (
  SELECT a.* FROM inventory.positions p JOIN asked a USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p
)
UPDATE inventory.positions p SET safety = coalesce(a.safety, p.safety), spot = coalesce(a.spot, p.spot)
  FROM locked a WHERE p.item_id = a.item_id AND p.location_id = a.location_id""")


async def need_positions(
    tx: Tx, places: Sequence[Place], *, safety: Sequence[int | None], spots: Sequence[str | None]
) -> None:
    """Make the rows that are missing, and set safety stock and spot where given."""
    values = _arrays(places) | {"safety": list(safety), "spots": list(spots)}
    await tx.run(_POSITIONS_NEEDED, values | {"now": tx.now})
    if any(s is not None for s in (*safety, *spots)):
        await tx.run(_POSITION_TERMS, values)


_ON_HAND = ", ".join(f"p.{name}" for name in CONDITIONS)
_LOOK = text(f"""
SELECT p.item_id, p.location_id, p.held, p.counted_at, p.booked_at, {_TICK} AS at, {_ON_HAND}
  FROM inventory.positions p
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id) USING (item_id, location_id)
 ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p""")  # noqa: S608  # a constant


async def look(tx: Tx, places: Iterable[Place]) -> dict[Place, Position]:
    """Lock these positions in order and read them. Unknown ones are missing from the answer."""
    rows = await tx.all(_LOOK, _arrays(sorted(set(places))) | {"now": tx.now})
    seen = [Position(*tuple(r)[:6], on_hand=dict(zip(CONDITIONS, r[6:], strict=True))) for r in rows]  # type: ignore[misc]  # as selected
    return {position.place: position for position in seen}


_APPLY = text(f"""
WITH locked AS MATERIALIZED (
  SELECT a.*, p.gap AS was_gap FROM inventory.positions p JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]),
    {", ".join(f"CAST(:{name} AS integer[])" for name in CONDITIONS)}, CAST(:claims AS integer[]),
    CAST(:counted AS timestamptz[]), CAST(:booked AS timestamptz[]), CAST(:at AS timestamptz[]))
    AS a(item_id, location_id, {", ".join(CONDITIONS)}, claims, counted_at, booked_at, at) USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p
)
UPDATE inventory.positions p SET {", ".join(f"{name} = a.{name}" for name in CONDITIONS)},
  reserved = p.reserved + a.claims, gap = greatest(0, p.reserved + a.claims + p.held - a.sellable),
  counted_at = greatest(p.counted_at, a.counted_at), booked_at = greatest(p.booked_at, a.booked_at), changed_at = a.at
  FROM locked a WHERE p.item_id = a.item_id AND p.location_id = a.location_id
RETURNING p.item_id, p.location_id, 0 AS n, a.was_gap, p.gap""")  # noqa: S608  # a constant


async def apply(tx: Tx, changes: Sequence[Change]) -> list[Shifted]:
    """Write positions that `look` has locked."""
    values: dict[str, Any] = _arrays([c.position.place for c in changes])
    values |= {name: [c.on_hand[name] for c in changes] for name in CONDITIONS}
    values |= {
        "claims": [c.claims for c in changes],
        "counted": [c.counted_at for c in changes],
        "booked": [c.booked_at for c in changes],
        "at": [c.position.at for c in changes],
    }
    return [Shifted(*tuple(row)) for row in await tx.all(_APPLY, values)]


_LEDGER = text("""
INSERT INTO inventory.ledger (item_id, entry_id, location_id, from_account, to_account, quantity, cause, order_id,
  actor_id, evidence, source, reference, note, happened_at, recorded_at)
SELECT a.item_id, a.entry_id, a.location_id, a.from_account, a.to_account, a.quantity, a.cause, a.order_id,
  :actor, CAST(:evidence AS jsonb), a.source, a.reference, :note, a.happened_at, :now
  FROM unnest(CAST(:items AS uuid[]), CAST(:entries AS uuid[]), CAST(:places AS uuid[]), CAST(:origins AS text[]),
    CAST(:targets AS text[]), CAST(:units AS integer[]), CAST(:orders AS uuid[]), CAST(:causes AS text[]),
    CAST(:references AS text[]), CAST(:sources AS text[]), CAST(:happened_at AS timestamptz[]))
    AS a(item_id, entry_id, location_id, from_account, to_account, quantity, order_id, cause, reference, source,
      happened_at)""")


async def write_ledger(tx: Tx, entries: Sequence[Entry], said: Said) -> None:
    """Write ledger entries."""
    if not entries:
        return
    values = {
        "items": [e.item_id for e in entries],
        "entries": [tx.new_id() for _ in entries],
        "places": [e.location_id for e in entries],
        "origins": [e.origin for e in entries],
        "targets": [e.target for e in entries],
        "units": [e.quantity for e in entries],
        "orders": [e.order_id for e in entries],
        "causes": [e.cause for e in entries],
        "references": [e.reference or said.reference for e in entries],
        "sources": [e.source or said.source for e in entries],
        "happened_at": [e.happened_at for e in entries],
    }
    proof = orjson.dumps(list(said.evidence)).decode()
    told = {"note": said.note, "evidence": proof, "actor": tx.actor.id, "now": tx.now}
    await tx.run(_LEDGER, values | told)


_REBUILD = text(f"""
UPDATE inventory.positions p SET {", ".join(f"{name} = a.{name}" for name in SUMMED)},
  gap = greatest(0, a.reserved + a.held - a.sellable), counted_at = a.counted_at, booked_at = a.booked_at,
  changed_at = {_TICK}
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]),
    {", ".join(f"CAST(:{name} AS integer[])" for name in SUMMED)}, CAST(:counted AS timestamptz[]),
    CAST(:booked AS timestamptz[])) AS a(item_id, location_id, {", ".join(SUMMED)}, counted_at, booked_at)
 WHERE p.item_id = a.item_id AND p.location_id = a.location_id
RETURNING p.item_id, p.location_id, 0 AS n, p.gap AS was_gap, p.gap""")  # noqa: S608  # a constant


async def rebuild(tx: Tx, sums: Mapping[Place, Mapping[str, Any]]) -> list[Shifted]:
    """Write locked positions as their ledger and claims sum up."""
    places = sorted(sums)
    values = {name: [sums[p][name] for p in places] for name in SUMMED}
    times = {name: [sums[p][f"{name}_at"] for p in places] for name in ("counted", "booked")}
    rows = await tx.all(_REBUILD, _arrays(places) | values | times | {"now": tx.now})
    return [Shifted(*tuple(row)) for row in rows]


_SHELF_COUNTS = text("""
INSERT INTO inventory.shelf_counts (item_id, location_id, happened_at, counted, actor_id, recorded_at)
SELECT a.item_id, a.location_id, a.happened_at, a.counted, :actor, :now
  FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[]), CAST(:units AS integer[]),
    CAST(:happened_at AS timestamptz[])) AS a(item_id, location_id, counted, happened_at)""")


async def write_counts(tx: Tx, counted: Mapping[Place, tuple[int, datetime]]) -> None:
    """What counts said lay on the shelf, and as of when."""
    places = sorted(counted)
    values = {"units": [counted[p][0] for p in places], "happened_at": [counted[p][1] for p in places]}
    await tx.run(_SHELF_COUNTS, _arrays(places) | values | {"actor": tx.actor.id, "now": tx.now})


_ADD_RESERVATIONS = text(_RESERVE)
# what is staged was picked; what is released or not found was not, as long as there is such
_UNRESERVE = """
UPDATE inventory.reservations r
   SET quantity = r.quantity - a.quantity,
       picked = {picked}, allocated = {allocated},
       closed_at = CASE WHEN r.quantity = a.quantity THEN CAST(:now AS timestamptz) END
  FROM {claims}
 WHERE (r.item_id, r.location_id, r.order_id, r.line_no)
     = (a.item_id, a.location_id, a.order_id, a.line_no) AND r.quantity >= a.quantity
RETURNING r.item_id, r.location_id, r.order_id, r.line_no, a.quantity, r.due_at"""
_LEAST, _REST = "least(r.{0}, r.quantity - a.quantity)", "greatest(0, r.{0} - a.quantity)"
_CUT_LOOSE, _CUT_PICKED = (
    text(_UNRESERVE.format(picked=left.format("picked"), allocated=left.format("allocated"), claims=_CLAIMS))
    for left in (_LEAST, _REST)
)
_MARK = """
UPDATE inventory.reservations r SET due_at = coalesce(a.due_at, r.due_at), {marks} FROM {claims}
 WHERE (r.item_id, r.location_id, r.order_id, r.line_no) = (a.item_id, a.location_id, a.order_id, a.line_no)"""
_PICKED = "least(r.quantity, r.picked + a.quantity)"
_MARKED = {
    Move.DATE: "quantity = r.quantity",
    Move.ALLOCATE: "allocated = least(r.quantity, r.allocated + a.quantity)",
    Move.PICK: f"picked = {_PICKED}, allocated = greatest(r.allocated, {_PICKED})",
}
_MARKS = {move: text(_MARK.format(marks=marks, claims=_CLAIMS)) for move, marks in _MARKED.items()}


async def add_reservations(tx: Tx, claims: Sequence[Claim]) -> None:
    """Write who claims what; the position follows in its own statement."""
    await tx.run(_ADD_RESERVATIONS, _claim_arrays(claims) | {"now": tx.now})


async def reserve_and_take(
    tx: Tx, claims: Sequence[Claim], *, kept: Mapping[Place, int] | None = None
) -> list[Shifted]:
    """Write who claims what and take it; positions that had too little are missing from the answer."""
    more = _claim_arrays(rules.merge(claims))
    return await shift(tx, RESERVE_AND_TAKE, rules.sums(claims), kept=kept, **more)


async def cut_reservations(tx: Tx, claims: Sequence[Claim], *, picked: bool) -> list[Claim]:
    """Take units off live reservations, picked ones first or last; those that still had them."""
    cut = _CUT_PICKED if picked else _CUT_LOOSE
    rows = await tx.all(cut, _claim_arrays(rules.merge(claims)) | {"now": tx.now})
    return [Claim(*tuple(row)) for row in rows]


async def mark(tx: Tx, claims: Sequence[Claim], move: Move) -> None:
    """Note how far the units of live reservations have come."""
    await tx.run(_MARKS[move], _claim_arrays(rules.merge(claims)))


_EXPIRED = text("""
WITH gone AS (
  UPDATE inventory.holds h SET released_at = :now
    FROM unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id)
   WHERE h.item_id = a.item_id AND h.location_id = a.location_id
     AND h.released_at IS NULL AND h.expires_at <= :now
  RETURNING h.item_id, h.location_id, h.quantity
)
SELECT item_id, location_id, sum(quantity) AS units FROM gone GROUP BY item_id, location_id""")
_LOCK = text("""
SELECT p.item_id, p.location_id FROM inventory.positions p
  JOIN unnest(CAST(:items AS uuid[]), CAST(:places AS uuid[])) AS a(item_id, location_id) USING (item_id, location_id)
 ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p""")


async def lock_and_expire(tx: Tx, places: Iterable[Place]) -> list[Shifted]:
    """Lock these positions in order and let go of their expired holds, so that what is read next is exact."""
    wanted = sorted(set(places))
    await tx.all(_LOCK, _arrays(wanted))
    gone = await tx.all(_EXPIRED, _arrays(wanted) | {"now": tx.now})
    return await shift(tx, UNHOLD, {(r.item_id, r.location_id): int(r.units) for r in gone})


_ADD_HOLDS = text("""
INSERT INTO inventory.holds (item_id, hold_id, location_id, quantity, order_id, line_no, purpose, made_at, expires_at)
SELECT a.item_id, a.hold_id, a.location_id, a.quantity, a.order_id, a.line_no, a.purpose, :now, a.expires_at
  FROM unnest(CAST(:item_id AS uuid[]), CAST(:hold_id AS uuid[]), CAST(:location_id AS uuid[]), CAST(:quantity AS integer[]),
    CAST(:order_id AS uuid[]), CAST(:line_no AS smallint[]), CAST(:purpose AS text[]), CAST(:expires_at AS timestamptz[]))
    AS a(item_id, hold_id, location_id, quantity, order_id, line_no, purpose, expires_at)""")
_END_HOLDS = text("""
WITH locked AS MATERIALIZED (
  SELECT h.hold_id, h.item_id FROM unnest(CAST(:items AS uuid[]), CAST(:holds AS uuid[])) AS a(item_id, hold_id)
    JOIN inventory.holds h USING (item_id, hold_id) JOIN inventory.positions p USING (item_id, location_id)
   ORDER BY p.item_id, p.location_id FOR NO KEY UPDATE OF p)
UPDATE inventory.holds h SET released_at = :now FROM locked l
 WHERE h.item_id = l.item_id AND h.hold_id = l.hold_id AND h.released_at IS NULL
RETURNING h.hold_id, h.item_id, h.location_id, h.quantity, h.order_id, h.line_no, h.purpose, h.expires_at""")
_BREAK_HOLDS = text("""
UPDATE inventory.holds SET released_at = :now
 WHERE item_id = :item_id AND hold_id = ANY(CAST(:holds AS uuid[])) AND released_at IS NULL
RETURNING quantity""")


async def add_holds(tx: Tx, holds: Sequence[Hold]) -> None:
    values = {name: [getattr(one, name) for one in holds] for name in Hold.__slots__}
    await tx.run(_ADD_HOLDS, values | {"now": tx.now})


async def end_holds(tx: Tx, holds: Mapping[UUID, ItemId]) -> list[Hold]:
    """Close holds that are open (expired or not), their positions locked in order before them; which those were."""
    asked = sorted(holds)
    values = {"holds": asked, "items": [holds[one] for one in asked], "now": tx.now}
    return [Hold(*tuple(row)) for row in await tx.all(_END_HOLDS, values)]


async def break_holds(tx: Tx, place: Place, hold_ids: Sequence[UUID]) -> int:
    """Let go of these holds; the units they had."""
    rows = await tx.all(_BREAK_HOLDS, {"item_id": place[0], "holds": list(hold_ids), "now": tx.now})
    return sum(row.quantity for row in rows)


_CLOSE_SHORTS = text("""
UPDATE inventory.shorts SET closed_at = :now
 WHERE item_id = :item_id AND short_id = ANY(CAST(:shorts AS uuid[])) AND closed_at IS NULL""")
_OPEN_SHORT = text("""
INSERT INTO inventory.shorts (item_id, short_id, location_id, order_id, line_no, quantity, cause, opened_at)
SELECT :item_id, a.short_id, :location_id, a.order_id, a.line_no, a.quantity, :cause, :now
  FROM unnest(CAST(:shorts AS uuid[]), CAST(:orders AS uuid[]), CAST(:lines AS smallint[]), CAST(:units AS integer[]))
    AS a(short_id, order_id, line_no, quantity)""")


async def close_shorts(tx: Tx, item_id: ItemId, shorts: Sequence[UUID]) -> None:
    if shorts:
        await tx.run(_CLOSE_SHORTS, {"item_id": item_id, "shorts": list(shorts), "now": tx.now})


async def add_shorts(tx: Tx, shorts: Sequence[Short], *, cause: str) -> None:
    """Shorts of one position."""
    if not shorts:
        return
    first, values = shorts[0], {"cause": cause, "now": tx.now}
    values |= {"shorts": [s.short_id for s in shorts], "orders": [s.order_id for s in shorts]}
    values |= {"lines": [s.line_no for s in shorts], "units": [s.quantity for s in shorts]}
    await tx.run(_OPEN_SHORT, values | {"item_id": first.item_id, "location_id": first.location_id})


def _arrays(places: Sequence[Place]) -> dict[str, Any]:
    return {"items": [item for item, _ in places], "places": [location for _, location in places]}


def _claim_arrays(claims: Sequence[Claim]) -> dict[str, Any]:
    return {
        "of_items": [c.item_id for c in claims],
        "of_places": [c.location_id for c in claims],
        "of_orders": [c.order_id for c in claims],
        "of_lines": [c.line_no for c in claims],
        "claimed": [c.quantity for c in claims],
        "due_at": [c.due_at for c in claims],
    }
