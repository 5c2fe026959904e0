"""Examples of a version: a situation in plain words becomes a snapshot, and what is expected is held against the plan.

A situation says the order, its lines and the places with what they have; what it does not say is ordinary.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ambidex.domains.routing.model import Demand, Plan, Policy, Shelf, Site, Wanted
from ambidex.domains.routing.problems import BadRules
from ambidex.domains.routing.rules import conditions
from ambidex.domains.routing.rules.policy import said_for
from ambidex.domains.routing.rules.reading import Reading
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.kernel.values import dataclass

TUESDAY_MORNING = "2026-03-03T09:00:00Z"
LINES_MAX, PLACES_MAX, UNITS_MAX = 20, 60, 10_000
PERCENT = 100
YEARS = (2000, 2999)
DEGREES_LAT, DEGREES_LNG = 90, 180
_ORDER = {"channel", "method", "country", "postcode", "at", "value", "promised_by", "wished_by"}
_LINE = {"sku", "units", "category", "weight", "value", "kit"}
_PLACE = {"code", "kind", "at", "zone", "groups", "load", "room", "has", "sure", "leaves_at", "out"}
EXPECTED = {"sent_from", "places", "not_from", "parcels_at_most", "unfilled"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a version decided in the situation of an example, and where that is not what was expected."""

    name: str
    plan: Plan
    sent_from: Mapping[str, Mapping[str, int]]
    wrong: tuple[str, ...]

    @property
    def passes(self) -> bool:
        return not self.wrong


def check(situation: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Raise BadRules naming what cannot be used of an example."""
    read = Reading({"situation": situation, "expected": expected})
    _snapshot(read, situation, Policy())
    read.only(expected, "expected", EXPECTED)
    if not expected:
        read.wrong("expected", f"one of {', '.join(sorted(EXPECTED))} at least")
    codes, skus = _named(situation, "places", "code"), _named(situation, "lines", "sku")
    _check_units(read, expected, codes, skus)
    for word in ("places", "not_from"):
        for at, code in enumerate(read.list(expected, word, "expected", most=PLACES_MAX)):
            if not isinstance(code, str) or code not in codes:
                read.wrong(f"expected.{word}[{at}]", "the code of a place of the situation")
    if "parcels_at_most" in expected:
        read.whole(expected, "parcels_at_most", "expected", most=PLACES_MAX)
    if read.errors:
        raise BadRules(errors=read.errors)


def snapshot_of(situation: Mapping[str, Any], policy: Policy) -> Snapshot:
    """The situation as this version sees it. BadRules."""
    read = Reading({"situation": situation})
    found = _snapshot(read, situation, policy)
    if read.errors or found is None:
        raise BadRules(errors=read.errors)
    return found


def held(name: str, snapshot: Snapshot, plan: Plan, expected: Mapping[str, Any]) -> Outcome:
    """The plan against what is expected."""
    skus = {line.line_no: line.sku for line in snapshot.demand.lines}
    sent = {part.site: _by_sku(part.lines, skus) for part in plan.parts}
    left = _by_sku(plan.unfilled, skus)
    wrong = []
    if "sent_from" in expected and expected["sent_from"] != sent:
        wrong.append(f"expected {_words(expected['sent_from'])}, but it is {_words(sent)}")
    if "places" in expected and set(expected["places"]) != set(sent):
        wrong.append(f"expected {_listed(expected['places'])}, but it is {_listed(sent)}")
    if used := sorted(set(expected.get("not_from", [])) & sent.keys()):
        wrong.append(f"expected nothing from {_listed(used)}")
    if len(sent) > expected.get("parcels_at_most", len(sent)):
        wrong.append(f"expected at most {expected['parcels_at_most']} parcels, but it is {len(sent)}")
    if "unfilled" in expected and expected["unfilled"] != left:
        wrong.append(f"expected to lack {_units(expected['unfilled'])}, but it lacks {_units(left)}")
    return Outcome(name, plan, sent, tuple(wrong))


def _snapshot(read: Reading, said: Mapping[str, Any], policy: Policy) -> Snapshot | None:
    read.only(said, "situation", {"at", "order", "lines", "places"})
    now = _instant(read, said.get("at", TUESDAY_MORNING), "situation.at")
    lines = [
        _line(read, one, at) for at, one in enumerate(read.list(said, "lines", "situation", most=LINES_MAX))
    ]
    places = read.list(said, "places", "situation", most=PLACES_MAX)
    if not lines:
        read.wrong("situation.lines", "one line at least")
    if not places:
        read.wrong("situation.places", "one place at least")
    demand = _demand(read, read.table(said, "order", "situation"), lines)
    found = [_place(read, one, at, now=now, lines=lines, policy=policy) for at, one in enumerate(places)]
    if len({one.site.code for one in found}) < len(found):
        read.wrong("situation.places", "a code of its own for each place")
    if read.errors:
        return None
    shelves = {(one.site.code, line_no): shelf for one in found for line_no, shelf in one.shelves.items()}
    out = {one.site.code: (one.out,) for one in found if one.out}
    return Snapshot.of(
        now, demand, sites=[one.site for one in found], shelves=shelves, policy=policy, out=out
    )


def _demand(read: Reading, said: Mapping[str, Any], lines: list[Wanted]) -> Demand:
    path = "situation.order"
    read.only(said, path, _ORDER)
    latitude, longitude = _point(read, said.get("at"), f"{path}.at")
    promised, wished = (
        _instant(read, said[word], f"{path}.{word}") if word in said else None
        for word in ("promised_by", "wished_by")
    )
    value = (
        read.amount(said["value"], f"{path}.value") if "value" in said else sum(one.value for one in lines)
    )
    return Demand(
        "example",
        tuple(lines),
        method=_one_of(read, said, "method", path, known=conditions.METHODS, default="ship"),
        channel=_one_of(read, said, "channel", path, known=conditions.CHANNELS, default="web"),
        country=read.text(said, "country", path, most=2).upper() if said.get("country") else "",
        postcode=read.text(said, "postcode", path, most=20) if said.get("postcode") else "",
        latitude_e6=latitude,
        longitude_e6=longitude,
        promised_by=promised if promised is not None else wished,
        is_promised=promised is not None,
        value=value,
    )


def _line(read: Reading, one: Any, at: int) -> Wanted:
    path = f"situation.lines[{at}]"
    said = read.own_table(one, path)
    read.only(said, path, _LINE)
    return Wanted(
        at + 1,
        read.text(said, "sku", path, most=100),
        read.whole(said, "units", path, default=1, most=UNITS_MAX),
        read.weight(said["weight"], f"{path}.weight") if "weight" in said else 0,
        read.amount(said["value"], f"{path}.value") if "value" in said else 0,
        read.text(said, "category", path, most=120) if said.get("category") else "",
        read.whole(said, "kit", path, default=0, most=LINES_MAX),
    )


@dataclass(frozen=True, slots=True)
class _Stocked:
    site: Site
    shelves: Mapping[int, Shelf]
    out: str


def _place(read: Reading, one: Any, at: int, *, now: int, lines: list[Wanted], policy: Policy) -> _Stocked:
    path = f"situation.places[{at}]"
    said = read.own_table(one, path)
    read.only(said, path, _PLACE)
    code, kind = (
        read.text(said, "code", path, most=100),
        _one_of(read, said, "kind", path, known=conditions.KINDS, default="store"),
    )
    latitude, longitude = _point(read, said.get("at"), f"{path}.at")
    zone = _zone(read, said.get("zone", "UTC"), f"{path}.zone")
    leaves_at = _leaves_at(policy, code, kind, now=now, zone=zone)
    if "leaves_at" in said:
        leaves_at = _instant(read, said["leaves_at"], f"{path}.leaves_at")
    site = Site(
        code, kind, latitude, longitude, zone, now, now, leaves_at, leaves_at,
        read.whole(said, "room", path, most=UNITS_MAX) if "room" in said else None,
        read.whole(said, "load", path, default=0, most=UNITS_MAX),
        _groups(read, said, path),
    )  # fmt: skip
    chance = read.whole(said, "sure", path, default=PERCENT, most=PERCENT) * 10
    has = read.table(said, "has", path)
    free = {sku: read.whole(has, sku, f"{path}.has", most=UNITS_MAX) for sku in has}
    shelves = {line.line_no: Shelf(free[line.sku], chance) for line in lines if free.get(line.sku)}
    return _Stocked(site, shelves, read.text(said, "out", path, most=120) if said.get("out") else "")


def _leaves_at(policy: Policy, code: str, kind: str, *, now: int, zone: str) -> int:
    """When goods leave if the place works around the clock: packed after its handling, with the next cut-off."""
    packed = now + 60 * (said_for(policy.handling_minutes, code, kind) or 0)
    minute = said_for(policy.cut_offs, code, kind)
    if minute is None:
        return packed
    local = datetime.fromtimestamp(packed, ZoneInfo(zone))
    wall = datetime.combine(local.date(), time(minute // 60, minute % 60), ZoneInfo(zone))
    return int((wall if wall >= local else wall + timedelta(days=1)).timestamp())


def _named(situation: Mapping[str, Any], word: str, by: str) -> set[str]:
    listed = situation.get(word)
    found = listed if isinstance(listed, list) else []
    return {str(one.get(by)) for one in found if isinstance(one, Mapping)}


def _check_units(read: Reading, expected: Mapping[str, Any], codes: set[str], skus: set[str]) -> None:
    for code, units in read.table(expected, "sent_from", "expected").items():
        path = f"expected.sent_from.{code}"
        if code not in codes:
            read.wrong(path, "the code of a place of the situation")
        _check_skus(read, read.own_table(units, path), path, skus)
    _check_skus(read, read.table(expected, "unfilled", "expected"), "expected.unfilled", skus)


def _check_skus(read: Reading, units: Mapping[str, Any], path: str, skus: set[str]) -> None:
    for sku in units:
        if sku not in skus:
            read.wrong(f"{path}.{sku}", "the SKU of a line of the situation")
        read.whole(units, sku, path, most=UNITS_MAX)


def _one_of(
    read: Reading, said: Mapping[str, Any], word: str, path: str, *, known: tuple[str, ...], default: str
) -> str:
    value = said.get(word, default)
    if value not in known:
        read.wrong(f"{path}.{word}", f"one of {', '.join(known)}")
        return default
    return str(value)


def _point(read: Reading, value: Any, path: str) -> tuple[int | None, int | None]:
    if value is None:
        return None, None
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(part, (int, float)) and not isinstance(part, bool) for part in value)
        or not abs(value[0]) <= DEGREES_LAT
        or not abs(value[1]) <= DEGREES_LNG
    ):
        read.wrong(path, "latitude and longitude, such as [51.55, -0.14]")
        return None, None
    return round(value[0] * 1_000_000), round(value[1] * 1_000_000)


def _instant(read: Reading, value: Any, path: str) -> int:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        read.wrong(path, 'a time such as "2026-03-03T12:00:00Z"')
        return 0
    if not YEARS[0] <= at.year <= YEARS[1]:
        read.wrong(path, f"a time from {YEARS[0]} to {YEARS[1]}")
        return 0
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())


def _groups(read: Reading, said: Mapping[str, Any], path: str) -> tuple[str, ...]:
    found = read.list(said, "groups", path, most=PLACES_MAX)
    if not all(isinstance(group, str) for group in found):
        read.wrong(f"{path}.groups", "a list of words")
        return ()
    return tuple(found)


def _zone(read: Reading, value: Any, path: str) -> str:
    try:
        return ZoneInfo(str(value)).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        read.wrong(path, 'a time zone such as "Europe/London"')
        return "UTC"


def _by_sku(lines: Mapping[int, int], skus: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line_no, units in lines.items():
        found[skus[line_no]] = found.get(skus[line_no], 0) + units
    return found


def _words(sent: Mapping[str, Mapping[str, int]]) -> str:
    return "; ".join(f"{_units(units)} from {code}" for code, units in sorted(sent.items())) or "nothing sent"


def _units(units: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {sku}" for sku, count in sorted(units.items())) or "nothing"


def _listed(codes: Any) -> str:
    return ", ".join(sorted(codes)) or "nobody"
