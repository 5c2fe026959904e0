"""Reading waves with their members: one statement."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Row, text

from ambidex.domains.waves.model import Member, Wave, WaveId, WaveState
from ambidex.domains.waves.problems import UnknownWave
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.runtime.db import Read

_BY_IDS = text("""
SELECT w.wave_id, w.number, w.location_id, w.state, w.carrier, w.leaves_at, w.planned_at,
       m.order_id, m.work_no, m.tote_no, m.tote, m.is_in, m.why
  FROM waves.waves w LEFT JOIN waves.works m USING (wave_id)
 WHERE w.wave_id = ANY(CAST(:ids AS uuid[])) ORDER BY w.wave_id, m.tote_no LIMIT 20000""")


async def wave(read: Read, wave_id: WaveId) -> Wave:
    """Raises UnknownWave."""
    found = await waves_of(read, [wave_id])
    if not found:
        raise UnknownWave(wave=str(wave_id))
    return found[0]


async def waves_of(read: Read, ids: Collection[WaveId]) -> list[Wave]:
    """The known ones among these."""
    rows: dict[Any, list[Row[Any]]] = {}
    for row in await read.all(_BY_IDS, {"ids": list(ids)}):
        rows.setdefault(row.wave_id, []).append(row)
    return [_wave(of_one) for of_one in rows.values()]


def _wave(rows: list[Row[Any]]) -> Wave:
    first = rows[0]
    return Wave(
        wave_id=WaveId(first.wave_id),
        number=first.number,
        location_id=LocationId(first.location_id),
        state=WaveState(first.state),
        carrier=first.carrier,
        leaves_at=first.leaves_at,
        planned_at=first.planned_at,
        members=tuple(
            Member(OrderId(row.order_id), row.work_no, row.tote_no, row.tote, row.is_in, row.why)
            for row in rows
            if row.order_id is not None
        ),
    )
