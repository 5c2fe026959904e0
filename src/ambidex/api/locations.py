"""Places: create or change one, see one, list all."""

from datetime import date
from typing import Any

from fastapi import APIRouter
from pydantic import AliasChoices, BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Shown, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations
from ambidex.domains.locations import Location, LocationKind, NewLocation, StagingPlace
from ambidex.kernel.actor import Permission
from ambidex.kernel.clock import Hours, Interval
from ambidex.runtime.db import Read, Tx

router = APIRouter(tags=["places"])
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
Week = dict[str, list[tuple[str, str]]]


class StagingShape(BaseModel):
    """Where goods wait for the customer."""

    code: str = Field(min_length=1, max_length=64)
    label: str = Field(default="", max_length=120)


class LocationIn(BaseModel):
    """What is left out keeps its value; of a new place it takes the default. Hours not given: always open."""

    name: str | None = Field(default=None, max_length=200)
    kind: LocationKind | None = None
    time_zone: str | None = Field(default=None, validation_alias=AliasChoices("time_zone", "timezone"))
    hours: Week | None = Field(default=None, examples=[{"monday": [["09:00", "21:00"]]}])
    exceptions: Week | None = Field(default=None, examples=[{"2026-12-25": []}])
    closed_from: date | None = None
    phone: str | None = Field(default=None, max_length=40)
    address: dict[str, Any] | str | None = None
    city: str | None = Field(default=None, max_length=120)
    district: str | None = Field(default=None, max_length=80)
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    capabilities: list[str] | None = None
    staging_places: list[StagingShape | str] | None = None


class LocationOut(BaseModel):
    """A place as it stands."""

    code: str
    name: str
    kind: LocationKind
    time_zone: str
    hours: Week
    exceptions: Week
    closed_from: date | None
    is_open: bool
    phone: str
    address: dict[str, Any]
    city: str
    district: str
    latitude: float | None
    longitude: float | None
    capabilities: list[str]
    staging_places: list[StagingShape]


@router.put(
    "/locations/{code}",
    dependencies=[operation(Permission.PLACES_CHANGE, place=Scope.OWN_PLACE)],
    response_model=LocationOut,
    responses={201: {"model": LocationOut}},
)
async def put_location(code: str, body: LocationIn, asks: Asks) -> Response:
    """Create the place with this code, or change it."""
    return await asks.answer(_shown, _put, code=code, body=body)


@router.get("/locations/{code}", dependencies=[operation(Permission.PLACES_READ)])
async def get_location(code: str, runs: Runs) -> LocationOut:
    """One place."""
    async with runs.reading() as read:
        place = await locations.by_code(read, code)
        return (await _out(read, [place]))[0]


@router.get("/locations", dependencies=[operation(Permission.PLACES_READ)])
async def list_locations(
    runs: Runs, after: str | None = None, limit: int = 100, kind: LocationKind | None = None
) -> Listed[LocationOut]:
    """All places by code."""
    async with runs.reading() as read:
        page = await locations.page(read, after=after, limit=limit, kind=kind or "")
        return Listed(items=await _out(read, list(page.items)), next=page.next)


async def _put(tx: Tx, *, code: str, body: LocationIn) -> tuple[Location, bool]:
    known = (await locations.by_codes(tx, [code])).get(code)
    return await locations.put_location(tx, _new(code, body, known)), known is None


async def _shown(tx: Tx, put: tuple[Location, bool]) -> LocationOut | Shown:
    place, is_new = put
    out = (await _out(tx, [place]))[0]
    return Shown(out, status=201) if is_new else out


def _new(code: str, body: LocationIn, known: Location | None) -> NewLocation:
    said = body.model_dump(include=body.model_fields_set, exclude={"hours", "address", "staging_places"})
    given: dict[str, Any] = {"name": code} | (_as_new(known) if known else {})
    given |= {field: value for field, value in said.items() if value is not None or field == "closed_from"}
    if body.hours is not None:
        given["week"] = _plain(body.hours)
    if body.exceptions is not None:
        given["exceptions"] = _plain(body.exceptions)
    if body.address is not None:
        given["address"] = {"line1": body.address} if isinstance(body.address, str) else body.address
    if body.capabilities is not None:
        given["capabilities"] = frozenset(body.capabilities)
    if body.staging_places is not None:
        given["staging"] = tuple(map(_staging, body.staging_places))
    return NewLocation(code=code, **given)


def _as_new(known: Location) -> dict[str, Any]:
    kept = ("name", "kind", "closed_from", "phone", "address", "city", "district", "capabilities")
    return {
        **{field: getattr(known, field) for field in (*kept, "latitude", "longitude")},
        "time_zone": known.zone.key,
        "week": _plain(_week(known.hours)),
        "exceptions": _plain(_exceptions(known.hours)),
    }


def _staging(given: StagingShape | str) -> StagingPlace:
    if isinstance(given, str):
        return StagingPlace(given, given)
    return StagingPlace(given.code, given.label)


async def _out(read: Read, places: list[Location]) -> list[LocationOut]:
    staging = await locations.staging_places_of(read, [place.location_id for place in places])
    return [
        LocationOut(
            code=place.code,
            name=place.name,
            kind=place.kind,
            time_zone=place.zone.key,
            hours=_week(place.hours),
            exceptions=_exceptions(place.hours),
            closed_from=place.closed_from,
            is_open=place.hours.is_open(read.now),
            phone=place.phone,
            address=dict(place.address),
            city=place.city,
            district=place.district,
            latitude=place.latitude,
            longitude=place.longitude,
            capabilities=sorted(place.capabilities),
            staging_places=[StagingShape(code=s.code, label=s.label) for s in staging[place.location_id]],
        )
        for place in places
    ]


def _week(hours: Hours) -> Week:
    return {DAYS[day]: _spans(spans) for day, spans in sorted(hours.week.items())}


def _exceptions(hours: Hours) -> Week:
    return {day.isoformat(): _spans(spans) for day, spans in sorted(hours.exceptions.items())}


def _spans(spans: tuple[Interval, ...]) -> list[tuple[str, str]]:
    """A span that ends at midnight is written 24:00."""
    return [(f"{opens:%H:%M}", f"{closes:%H:%M}".replace("00:00", "24:00")) for opens, closes in spans]


def _plain(week: Week) -> dict[str, list[list[str]]]:
    return {day: [list(span) for span in spans] for day, spans in week.items()}
