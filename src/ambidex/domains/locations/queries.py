"""Reading places: by id, by code, nearest first, page by page."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, Row, Select, Text, and_, cast, or_, select

from ambidex.domains.locations import rules
from ambidex.domains.locations.model import Location, LocationKind, StagingPlace
from ambidex.domains.locations.problems import UnknownLocation
from ambidex.domains.locations.tables import locations, staging_places
from ambidex.kernel.ids import LocationId
from ambidex.kernel.page import PAGE_MAX, Page, read_cursor, write_cursor
from ambidex.runtime.db import Read

_c = locations.c
NEAR_MAX, SENDERS_MAX = 500, 2_000


async def by_ids(read: Read, ids: Collection[LocationId]) -> dict[LocationId, Location]:
    """The known ones among these."""
    rows = await read.all(_select().where(_c.location_id.in_(list(ids)))) if ids else []
    return {found.location_id: found for found in map(_location, rows)}


async def by_codes(read: Read, codes: Collection[str]) -> dict[str, Location]:
    """The known ones among these."""
    rows = await read.all(_select().where(_c.code.in_(list(codes)))) if codes else []
    return {found.code: found for found in map(_location, rows)}


async def by_code(read: Read, code: str) -> Location:
    """The place with this code; UnknownLocation when there is none."""
    found = (await by_codes(read, [code])).get(code)
    if found is None:
        raise UnknownLocation(code, location=code)
    return found


async def by_id(read: Read, location_id: LocationId) -> Location:
    """The place with this id; UnknownLocation when there is none."""
    found = (await by_ids(read, [location_id])).get(location_id)
    if found is None:
        raise UnknownLocation(str(location_id), location=str(location_id))
    return found


async def near(read: Read, location: Location) -> list[Location]:
    """The other stores that are not closed for good, nearest first."""
    rows = await read.all(
        _select()
        .where(
            _c.kind == LocationKind.STORE.value,
            _c.location_id != location.location_id,
            or_(_c.closed_from.is_(None), _c.closed_from > read.now.astimezone(location.zone).date()),
        )
        .order_by(_c.district != location.district, _c.code)
        .limit(NEAR_MAX)
    )
    return rules.nearest_first(location, map(_location, rows))


async def page(read: Read, *, after: str | None = None, limit: int = 100, kind: str = "") -> Page[Location]:
    """All places by code."""
    limit = max(1, min(limit, PAGE_MAX))
    wanted = _select().order_by(_c.code).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(_c.code > str(read_cursor(after)[0]))
    if kind:
        wanted = wanted.where(_c.kind == kind)
    found = [_location(row) for row in await read.all(wanted)]
    more = len(found) > limit
    return Page(found[:limit], write_cursor(found[limit - 1].code) if more else None)


async def senders(read: Read) -> list[Location]:
    """Every place that sends goods to customers, by code."""
    sends = _c.capabilities.op("&&")(cast(["ship", "deliver"], ARRAY(Text)))
    return [
        _location(row) for row in await read.all(_select().where(sends).order_by(_c.code).limit(SENDERS_MAX))
    ]


async def handing_over(read: Read) -> list[Location]:
    """Every place where customers collect, by code."""
    there = _c.capabilities.op("&&")(cast(["pickup"], ARRAY(Text)))
    return [
        _location(row) for row in await read.all(_select().where(there).order_by(_c.code).limit(SENDERS_MAX))
    ]


async def staging_places_of(read: Read, ids: Collection[LocationId]) -> dict[LocationId, list[StagingPlace]]:
    """The staging places of several locations, by code."""
    s = staging_places.c
    rows = await read.all(
        select(s.location_id, s.code, s.label)
        .where(s.location_id.in_(list(ids)))
        .order_by(s.location_id, s.code)
        .limit(10_000)
    )
    found: dict[LocationId, list[StagingPlace]] = {location_id: [] for location_id in ids}
    for row in rows:
        found[LocationId(row.location_id)].append(StagingPlace(row.code, row.label))
    return found


async def staging_places_at(read: Read, location_id: LocationId) -> list[StagingPlace]:
    """Where goods wait at this place. An empty list: the place names none, any label will do."""
    return (await staging_places_of(read, [location_id]))[location_id]


async def location_of_staging(read: Read, code: str) -> list[LocationId]:
    """Which places have a staging place with this label (scan anywhere)."""
    s = staging_places.c
    rows = await read.all(select(s.location_id).where(and_(s.code == code)).limit(PAGE_MAX))
    return [LocationId(row.location_id) for row in rows]


def _select() -> Select[Any]:
    return select(
        _c.location_id, _c.code, _c.name, _c.kind, _c.address, _c.city, _c.latitude, _c.longitude, _c.phone,
        _c.district, _c.time_zone, _c.week, _c.exceptions, _c.closed_from, _c.capabilities,
    )  # fmt: skip


def _location(row: Row[Any]) -> Location:
    return Location(
        location_id=LocationId(row.location_id),
        code=row.code,
        name=row.name,
        kind=LocationKind(row.kind),
        hours=rules.hours_of(
            row.time_zone, week=row.week, exceptions=row.exceptions, closed_from=row.closed_from
        ),
        phone=row.phone,
        address=row.address,
        city=row.city,
        district=row.district,
        capabilities=frozenset(row.capabilities),
        latitude=row.latitude,
        longitude=row.longitude,
    )
