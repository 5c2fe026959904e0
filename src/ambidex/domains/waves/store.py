"""Waves as they are needed for a decision. A wave is locked before the orders in it, and its members are a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.waves.model import WAVE, Grouped, Put, Wave, WaveId, WaveVerb, WorkKey
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read, Tx

_ADD = text("""
INSERT INTO waves.waves (wave_id, location_id, number, carrier, leaves_at, planned_by, planned_at)
SELECT a.wave_id, :location_id, m.last + a.at, a.carrier, a.leaves_at, :planned_by, :now
  FROM unnest(CAST(:ids AS uuid[]), CAST(:carriers AS text[]), CAST(:times AS timestamptz[]))
       WITH ORDINALITY AS a(wave_id, carrier, leaves_at, at),
       (SELECT coalesce(max(number), 0) AS last FROM waves.waves WHERE location_id = :location_id) m
ON CONFLICT (location_id, number) DO NOTHING RETURNING wave_id""")
_JOIN = text("""
INSERT INTO waves.works (order_id, work_no, wave_id, location_id, tote_no)
SELECT a.order_id, a.work_no, a.wave_id, :location_id, a.tote_no
  FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:waves AS uuid[]), CAST(:totes AS smallint[]))
       AS a(order_id, work_no, wave_id, tote_no)
ON CONFLICT (order_id, work_no) WHERE is_open AND is_in DO NOTHING RETURNING order_id""")
_LOCK = text("SELECT wave_id FROM waves.waves WHERE wave_id = :wave_id FOR NO KEY UPDATE")
_MOVE = text("""
UPDATE waves.waves SET state = :to,
  released_at = CASE WHEN :to = 'released' THEN CAST(:now AS timestamptz) ELSE released_at END,
  closed_at = CASE WHEN :to IN ('done', 'canceled') THEN CAST(:now AS timestamptz) END
 WHERE wave_id = :wave_id AND state = :state RETURNING wave_id""")
_CLOSE = text("UPDATE waves.works SET is_open = false WHERE wave_id = :wave_id")
_NAME = text("""
UPDATE waves.works SET tote = :tote WHERE order_id = :order_id AND work_no = :work_no AND wave_id = :wave_id""")
_TAKEN = text("""
SELECT order_id, work_no FROM waves.works
 WHERE location_id = :location_id AND tote = :tote AND is_in ORDER BY wave_id DESC LIMIT 1""")
_LEAVE = text("""
UPDATE waves.works SET is_in = false, why = a.why
  FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]), CAST(:whys AS text[])) AS a(order_id, work_no, why)
 WHERE works.order_id = a.order_id AND works.work_no = a.work_no AND works.wave_id = :wave_id AND works.is_in""")
_OPEN_WAVES = text("""
SELECT DISTINCT w.wave_id FROM waves.works w
 WHERE w.is_open AND w.is_in AND (w.order_id, w.work_no) IN
   (SELECT * FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[]))) ORDER BY 1 LIMIT 500""")
_PUT = text("""
INSERT INTO waves.puts (wave_id, key, order_id, work_no, item_id, tote_no, units, barcode, actor_id, actor_name, recorded_at)
VALUES (:wave_id, :key, :order_id, :work_no, :item_id, :tote_no, :units, :barcode, :actor_id, :actor_name, :now)""")
_BY_KEY = text("SELECT barcode, tote_no FROM waves.puts WHERE wave_id = :wave_id AND key = :key")


async def add(tx: Tx, location_id: LocationId, waves: Sequence[Grouped]) -> list[WaveId]:
    """Waves with the next numbers of their place; fewer than asked when somebody planned at the same moment."""
    ids = [WaveId(tx.new_id()) for _ in waves]
    rows = await tx.all(
        _ADD,
        {
            "location_id": location_id,
            "ids": ids,
            "carriers": [wave.carrier for wave in waves],
            "times": [wave.leaves_at for wave in waves],
            "planned_by": tx.actor.id,
            "now": tx.now,
        },
    )
    known = {row.wave_id for row in rows}
    return [wave_id for wave_id in ids if wave_id in known]


async def join(tx: Tx, location_id: LocationId, ids: Sequence[WaveId], waves: Sequence[Grouped]) -> int:
    """The works in their waves, a tote to each; how many are in no other open wave."""
    rows = [
        (work.order_id, work.work_no, wave_id, at)
        for wave_id, wave in zip(ids, waves, strict=True)
        for at, work in enumerate(wave.works, start=1)
    ]
    values = {
        name: [row[at] for row in rows] for at, name in enumerate(("orders", "numbers", "waves", "totes"))
    }
    return len(await tx.all(_JOIN, {**values, "location_id": location_id}))


async def lock(tx: Tx, wave_id: WaveId) -> bool:
    """Lock the wave until the end of the transaction; whether it exists."""
    return await tx.maybe(_LOCK, {"wave_id": wave_id}) is not None


async def move(tx: Tx, wave: Wave, verb: WaveVerb) -> bool:
    """Move a wave, provided that it is still in the state we decided on; at its end its works are free."""
    to = WAVE.after(wave.state, verb)
    values = {"wave_id": wave.wave_id, "state": wave.state.value, "to": to.value, "now": tx.now}
    moved = await tx.maybe(_MOVE, values)
    if moved is not None and to in WAVE.ends:
        await tx.run(_CLOSE, {"wave_id": wave.wave_id})
    return moved is not None


async def name_tote(tx: Tx, wave_id: WaveId, key: WorkKey, *, tote: str) -> None:
    """The label of the tote an order goes into."""
    await tx.run(_NAME, {"wave_id": wave_id, "order_id": key[0], "work_no": key[1], "tote": tote})


async def last_in(read: Read, location_id: LocationId, tote: str) -> WorkKey | None:
    """The work whose goods went into the tote with this label last."""
    row: Row[Any] | None = await read.maybe(_TAKEN, {"location_id": location_id, "tote": tote})
    return None if row is None else (row.order_id, row.work_no)


async def leave(tx: Tx, wave_id: WaveId, leaving: dict[WorkKey, str]) -> int:
    """Works that are not part of the walk any more, each with why; how many were."""
    values = {
        "wave_id": wave_id,
        "orders": [key[0] for key in leaving],
        "numbers": [key[1] for key in leaving],
        "whys": list(leaving.values()),
    }
    return await tx.run(_LEAVE, values)


async def open_waves_of(read: Read, keys: Sequence[WorkKey]) -> list[WaveId]:
    """The open waves that these works are in."""
    values = {"orders": [key[0] for key in keys], "numbers": [key[1] for key in keys]}
    return [WaveId(row.wave_id) for row in await read.all(_OPEN_WAVES, values)]


async def add_put(tx: Tx, wave: Wave, put: Put, *, key: str) -> None:
    """A unit into its tote."""
    need = put.need
    await tx.run(
        _PUT,
        {
            "wave_id": wave.wave_id,
            "key": key,
            "order_id": need.order_id,
            "work_no": need.work_no,
            "item_id": need.item_id,
            "tote_no": need.tote_no,
            "units": put.proof.quantity,
            "barcode": put.proof.barcode,
            "actor_id": tx.actor.id,
            "actor_name": tx.actor.name,
            "now": tx.now,
        },
    )


async def known_put(read: Read, wave_id: WaveId, key: str) -> tuple[str, int] | None:
    """The barcode and the tote of the scan stored under a key."""
    row = await read.maybe(_BY_KEY, {"wave_id": wave_id, "key": key})
    return None if row is None else (str(row.barcode), int(row.tote_no))
