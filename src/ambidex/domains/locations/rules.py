"""Pure decisions about places: what their hours mean, what is wrong with them, how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ambidex.domains.locations.model import Location, LocationKind, NewLocation, WeekJson
from ambidex.domains.locations.problems import BadLocation
from ambidex.kernel.clock import Hours, Interval
from ambidex.kernel.problem import FieldError

ALWAYS_OPEN: WeekJson = {str(day): [["00:00", "24:00"]] for day in range(7)}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EARTH_RADIUS_KM = 6371.0
_CAPABILITIES = {
    LocationKind.STORE: frozenset({"pickup", "ship", "receive"}),
    LocationKind.WAREHOUSE: frozenset({"ship", "receive"}),
    LocationKind.THIRD_PARTY: frozenset({"ship", "receive"}),
    LocationKind.SUPPLIER: frozenset({"ship"}),
}


def capabilities_of(new: NewLocation) -> frozenset[str]:
    """What the place can do: as said, else what its kind usually can."""
    return _CAPABILITIES[new.kind] if new.capabilities is None else new.capabilities


def week_of(new: NewLocation) -> WeekJson:
    """Its weekly hours with days as numbers; a place without hours is always open."""
    if new.week is None:
        return ALWAYS_OPEN
    return {str(_day_number(day)): spans for day, spans in new.week.items()}


def hours_of(time_zone: str, *, week: WeekJson, exceptions: WeekJson, closed_from: date | None) -> Hours:
    """Hours from their stored form; ValueError when a zone, day or time is none."""
    return Hours(
        zone=_zone(time_zone),
        week={_day_number(day): _intervals(spans) for day, spans in week.items()},
        exceptions={date.fromisoformat(day): _intervals(spans) for day, spans in exceptions.items()},
        closed_from=closed_from,
    )


def check(new: NewLocation) -> None:
    """Raise BadLocation naming every field that cannot be used."""
    errors = [error for error in (_code_error(new), _zone_error(new), *_hours_errors(new)) if error]
    if not new.name.strip():
        errors.append({"field": "name", "expected": "a name for people"})
    labels = [place.code for place in new.staging or ()]
    if len(set(labels)) < len(labels) or not all(label.strip() for label in labels):
        errors.append({"field": "staging_places", "expected": "each code once, and not blank"})
    if errors:
        raise BadLocation(f"location {new.code!r}", errors=errors)


def nearest_first(origin: Location, others: Iterable[Location]) -> list[Location]:
    """Sorted by distance; places without coordinates come last, by code."""
    return sorted(others, key=lambda other: (distance_km(origin, other), other.code))


def distance_km(one: Location, other: Location) -> float:
    """Great-circle distance (haversine formula); infinite when a coordinate is unknown."""
    if one.latitude is None or one.longitude is None or other.latitude is None or other.longitude is None:
        return math.inf
    north, south = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(other.longitude - one.longitude)
    chord = math.sin((south - north) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(chord))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError, ValueError) as cause:
        raise ValueError(f"{name!r} is no time zone") from cause


def _day_number(day: str) -> int:
    if day.isdecimal() and len(day) == 1 and int(day) < len(_DAYS):
        return int(day)
    for number, name in enumerate(_DAYS):
        if len(day) >= 3 and name.startswith(day.lower()):
            return number
    raise ValueError(f"{day!r} is no day")


def _intervals(spans: Iterable[Iterable[str]]) -> tuple[Interval, ...]:
    return tuple((_wall(opens), _wall(closes)) for opens, closes in spans)


def _wall(text: str) -> time:
    """A wall time; 24:00 is the midnight at the end of the day."""
    return time(0) if text == "24:00" else time.fromisoformat(text)


def _code_error(new: NewLocation) -> FieldError | None:
    fine = 0 < len(new.code) <= 64 and all(c.isalnum() or c in "-_.:" for c in new.code)
    return None if fine else {"field": "code", "expected": "1 to 64 letters, digits, - _ . :"}


def _zone_error(new: NewLocation) -> FieldError | None:
    try:
        _zone(new.time_zone)
    except ValueError:
        return {"field": "time_zone", "expected": "a zone such as America/Chicago"}
    return None


def _hours_errors(new: NewLocation) -> list[FieldError]:
    weeks: list[tuple[str, Mapping[str, list[list[str]]] | None]] = [
        ("hours", new.week),
        ("exceptions", new.exceptions),
    ]
    return [error for name, week in weeks if (error := _week_error(name, week, new))]


def _week_error(name: str, week: WeekJson | None, new: NewLocation) -> FieldError | None:
    as_week = name == "hours"
    try:
        hours_of(
            "UTC",
            week=(week or {}) if as_week else {},
            exceptions={} if as_week else (week or {}),
            closed_from=new.closed_from,
        )
    except (ValueError, TypeError):
        example = '{"monday": [["09:00", "21:00"]]}' if as_week else '{"2026-12-25": []}'
        return {"field": name, "expected": example}
    return None
