"""Where a decision was made, as a map without streets: places in true direction and distance from the customer."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians

from ambidex.kernel.values import dataclass, replace
from ambidex.web.orders.receipt.known import KILOMETER, Known, Receipt, Site, Snapshot, distance
from ambidex.web.parts.plots import Pin, Ring, Sketch
from ambidex.web.words import translate as _

WIDE, HIGH = 640, 420
SIDE, TOP = 96, 52
NAMED_MAX = 6
OUT_MAX = 120
KM_PER_DEGREE = 111.2
NICE = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
RING_LEAST, RING_MOST, RINGS_MAX = 55, 420, 3
GAP, RING_LABEL = 20, 44
SIDES = ("right", "left", "above", "below", "above-left", "above-right", "below-left", "below-right")
LOOKS = {(True, True): "both", (True, False): "wide", (False, True): "narrow", (False, False): ""}


@dataclass(frozen=True, slots=True)
class Letters:
    """How large a label is: of a letter of the name, of its note, of the line."""

    name: float
    note: float
    high: float


WIDE_LETTERS, NARROW_LETTERS = Letters(8.6, 6.8, 40), Letters(14, 0, 30)


@dataclass(frozen=True, slots=True)
class Frame:
    """Kilometers east and north of the customer, to points on the map."""

    left: float
    top: float
    scale: float

    def of(self, east: float, north: float) -> tuple[float, float]:
        return round((east - self.left) * self.scale, 1), round((self.top - north) * self.scale, 1)


def sketch(receipt: Receipt, snapshot: Snapshot, known: Known, *, customer: str) -> Sketch | None:
    """The map; None when nobody knows where the customer is."""
    if snapshot.demand.latitude_e6 is None or snapshot.demand.longitude_e6 is None:
        return None
    spots = {
        site.code: _spot(site, snapshot) for site in snapshot.network.sites if site.latitude_e6 is not None
    }
    named = [code for code in _important(receipt) if code in spots]
    frame = _frame([(0.0, 0.0), *(spots[code] for code in named)])
    home = _at(frame, (0.0, 0.0), Pin(x=0, y=0, name=customer, kind="home"))
    pins = [_at(frame, spots[code], _pin(code, receipt, snapshot, known)) for code in named]
    dots = [
        _at(frame, spots[c], Pin(x=0, y=0, name=known.place(c), kind="out", label=""))
        for c in _rest(spots, named)
    ]
    seen = [dot for dot in dots if 0 < dot.x < WIDE and 0 < dot.y < HIGH][:OUT_MAX]
    shown, rings = _labelled([home, *pins], _rings(frame))
    return Sketch(label=_label(pins), pins=(*shown, *seen), rings=tuple(rings))


def _important(receipt: Receipt) -> list[str]:
    """Places that are named on the map: chosen, next best, then the cheapest candidates."""
    codes = [*receipt.chosen.sites, *(receipt.runner_up.sites if receipt.runner_up else ())]
    codes += [one.site for one in sorted(receipt.candidates, key=lambda one: one.plan_cost)]
    return list(dict.fromkeys(codes))[:NAMED_MAX]


def _rest(spots: dict[str, tuple[float, float]], named: Sequence[str]) -> list[str]:
    return sorted(spots.keys() - set(named))


def _spot(site: Site, snapshot: Snapshot) -> tuple[float, float]:
    """Kilometers east and north of the customer."""
    assert site.latitude_e6 is not None
    assert site.longitude_e6 is not None
    latitude, longitude = (snapshot.demand.latitude_e6 or 0) / 1e6, (snapshot.demand.longitude_e6 or 0) / 1e6
    east = (site.longitude_e6 / 1e6 - longitude + 540) % 360 - 180
    return east * KM_PER_DEGREE * cos(radians(latitude)), (site.latitude_e6 / 1e6 - latitude) * KM_PER_DEGREE


def _frame(points: Sequence[tuple[float, float]]) -> Frame:
    """All of them in the middle of the map, as large as they go."""
    east, north = [p[0] for p in points], [p[1] for p in points]
    wide, high = max(max(east) - min(east), 0.5), max(max(north) - min(north), 0.5)
    scale = min((WIDE - 2 * SIDE) / wide, (HIGH - 2 * TOP) / high)
    left = (min(east) + max(east)) / 2 - WIDE / 2 / scale
    return Frame(left, (min(north) + max(north)) / 2 + HIGH / 2 / scale, scale)


def _at(frame: Frame, spot: tuple[float, float], pin: Pin) -> Pin:
    x, y = frame.of(*spot)
    return replace(pin, x=x, y=y)


def _pin(code: str, receipt: Receipt, snapshot: Snapshot, known: Known) -> Pin:
    metres = int(snapshot.metres[snapshot.network.index[code]])
    kind = "win" if code in receipt.chosen.sites else "other"
    return Pin(x=0, y=0, name=known.place(code), note=distance(metres), kind=kind)


def _rings(frame: Frame) -> tuple[Ring, ...]:
    fits = [km for km in NICE if RING_LEAST <= km * frame.scale <= RING_MOST]
    return tuple(
        Ring(radius=round(km * frame.scale, 1), text=distance(km * KILOMETER)) for km in fits[-RINGS_MAX:]
    )


def _label(pins: Sequence[Pin]) -> str:
    said = ", ".join(f"{pin.name} {pin.note}".strip() for pin in pins)
    return _("Map: the customer, %(places)s", places=said)


Box = tuple[float, float, float, float]


def _labelled(pins: Sequence[Pin], rings: Sequence[Ring]) -> tuple[list[Pin], list[Ring]]:
    """Each label on a side where there is room, the important ones first; none where there is no room."""
    wide, narrow = _sides(pins, WIDE_LETTERS), _sides(pins, NARROW_LETTERS)
    named = [replace(pin, label=w, narrow=n) for pin, w, n in zip(pins, wide, narrow, strict=True)]
    taken = (_taken(pins, wide, WIDE_LETTERS), _taken(pins, narrow, NARROW_LETTERS))
    return named, [_placed(ring, pins[0], taken) for ring in rings]


def _sides(pins: Sequence[Pin], letters: Letters) -> list[str]:
    """For each pin the first side where its label has room."""
    found: list[str] = []
    for pin in pins:
        taken = _taken(pins, found, letters)
        found.append(next((side for side in SIDES if _free(_box(pin, side, letters), taken)), ""))
    return found


def _taken(pins: Sequence[Pin], sides: Sequence[str], letters: Letters) -> list[Box]:
    """Where pins are, and labels of those that have one so far."""
    boxes = [(pin.x - 8, pin.y - 8, pin.x + 8, pin.y + 8) for pin in pins]
    return boxes + [_box(pin, side, letters) for pin, side in zip(pins, sides, strict=False) if side]


def _placed(ring: Ring, home: Pin, taken: tuple[list[Box], list[Box]]) -> Ring:
    """Its text at the top of the circle or, where it is free there only, at its foot."""
    for below, middle in (("", home.y - ring.radius - 12), ("yes", home.y + ring.radius + 10)):
        box = (home.x - RING_LABEL, middle - 11, home.x + RING_LABEL, middle + 11)
        wide, narrow = (_free(box, boxes) for boxes in taken)
        if wide or narrow:
            return replace(ring, look=LOOKS[wide, narrow], below=below)
    return replace(ring, look="")


def _box(pin: Pin, side: str, letters: Letters) -> Box:
    """Where the label would stand."""
    wide, high = max(len(pin.name) * letters.name, len(pin.note) * letters.note), letters.high
    middle = pin.x - wide / 2
    left = {"right": pin.x + GAP, "left": pin.x - GAP - wide}.get(side, middle)
    left = pin.x if side.endswith("-right") else pin.x - wide if side.endswith("-left") else left
    if side in {"right", "left"}:
        return left, pin.y - high / 2, left + wide, pin.y + high / 2
    top = pin.y - high - GAP + 6 if side.startswith("above") else pin.y + GAP - 6
    return left, top, left + wide, top + high


def _free(box: Box, taken: Sequence[Box]) -> bool:
    left, top, right, bottom = box
    if left < 0 or top < 0 or right > WIDE or bottom > HIGH:
        return False
    return not any(left < r and x < right and top < b and t < bottom for x, t, r, b in taken)
