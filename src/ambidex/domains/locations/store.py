"""Writing places, in lists: one statement for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from ambidex.domains.locations import rules
from ambidex.domains.locations.model import NewLocation
from ambidex.kernel.ids import LocationId
from ambidex.kernel.values import asdict
from ambidex.runtime.db import Tx

_PUT = text("""
INSERT INTO locations.locations AS old
  (location_id, code, name, kind, address, city, latitude, longitude, phone, district, time_zone, week,
   exceptions, closed_from, capabilities, changed_at)
SELECT r.location_id, r.code, r.name, r.kind, r.address, r.city, r.latitude, r.longitude, r.phone, r.district,
       r.time_zone, r.week, r.exceptions, r.closed_from, ARRAY(SELECT jsonb_array_elements_text(r.capabilities)), :now
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
       location_id uuid, code text, name text, kind text, address jsonb, city text, latitude float8,
       longitude float8, phone text, district text, time_zone text, week jsonb, exceptions jsonb,
       closed_from date, capabilities jsonb)
 ORDER BY r.code
ON CONFLICT (code) DO UPDATE SET
  name = excluded.name, kind = excluded.kind, address = excluded.address, city = excluded.city,
  latitude = excluded.latitude, longitude = excluded.longitude, phone = excluded.phone,
  district = excluded.district, time_zone = excluded.time_zone, week = excluded.week,
  exceptions = excluded.exceptions, closed_from = excluded.closed_from, capabilities = excluded.capabilities,
  changed_at = excluded.changed_at
RETURNING location_id, code, location_id = ANY(CAST(:fresh AS uuid[])) AS created
""")
_PUT_STAGING = text("""
WITH given AS (
  SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(location_id uuid, code text, label text)
), gone AS (
  DELETE FROM locations.staging_places AS p
   WHERE p.location_id = ANY(CAST(:places AS uuid[]))
     AND NOT EXISTS (SELECT 1 FROM given g WHERE (g.location_id, g.code) = (p.location_id, p.code))
)
INSERT INTO locations.staging_places (location_id, code, label) SELECT location_id, code, label FROM given
ON CONFLICT (location_id, code) DO UPDATE SET label = excluded.label
""")


_LOCK = text("SELECT code FROM locations.locations WHERE code = :code FOR NO KEY UPDATE")


async def lock(tx: Tx, code: str) -> None:
    """Who changes a part of what is said of a place does so one after the other; nothing when there is none."""
    await tx.run(_LOCK, {"code": code})


async def put(tx: Tx, news: Sequence[NewLocation]) -> dict[str, tuple[LocationId, bool]]:
    """Create or change these; their ids by code, and whether each is new."""
    rows = [_row(tx.new_id(), new) for new in news]
    put_rows = await tx.all(
        _PUT,
        {
            "rows": json.dumps(rows, default=str),
            "fresh": [row["location_id"] for row in rows],
            "now": tx.now,
        },
    )
    found = {row.code: (LocationId(row.location_id), bool(row.created)) for row in put_rows}
    await _put_staging(tx, {found[new.code][0]: new for new in news if new.staging is not None})
    return found


async def _put_staging(tx: Tx, staged: dict[LocationId, NewLocation]) -> None:
    if not staged:
        return
    rows = [
        {"location_id": location_id} | asdict(place)
        for location_id, new in staged.items()
        for place in new.staging or ()
    ]
    await tx.run(_PUT_STAGING, {"rows": json.dumps(rows, default=str), "places": list(staged)})


def _row(location_id: Any, new: NewLocation) -> dict[str, Any]:
    return {
        "location_id": location_id,
        "code": new.code,
        "name": new.name.strip(),
        "kind": new.kind.value,
        "address": dict(new.address),
        "city": new.city,
        "latitude": new.latitude,
        "longitude": new.longitude,
        "phone": new.phone,
        "district": new.district,
        "time_zone": new.time_zone,
        "week": rules.week_of(new),
        "exceptions": dict(new.exceptions),
        "closed_from": new.closed_from,
        "capabilities": sorted(rules.capabilities_of(new)),
    }
