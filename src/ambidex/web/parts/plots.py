"""What a map, score bars, flips and intervals need to know. Lengths of bars are percent; a map is 640 by 420."""

from __future__ import annotations

from ambidex.kernel.values import dataclass
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A place on a map. `kind`: home (the customer), win, other or out; `label`: its side (right, above-left, ...) or "" (no room),
    `narrow` the same on a phone, where letters are larger beside the map.
    """

    x: float
    y: float
    name: str
    note: str = ""
    kind: str = "other"
    label: str = "right"
    narrow: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A circle around the customer, so that distances can be read off. `look`: where its text has room: both, wide,
    narrow or ""; `below`: it stands at the foot of the circle.
    """

    radius: float
    text: str
    look: str = "both"
    below: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A map without streets: pins in their true directions and distances. `label` says it in words."""

    label: str
    pins: tuple[Pin, ...]
    rings: tuple[Ring, ...] = ()

    @property
    def home(self) -> Pin | None:
        return next((pin for pin in self.pins if pin.kind == "home"), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a score bar in percent of the longest; `shade` 1 (ink) to 6 (pale), 0 for what others carry."""

    share: float
    shade: int
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One candidate: its bar and its sum. `win` when it was chosen."""

    rank: int
    name: str
    note: str
    total: str
    pieces: tuple[Piece, ...]
    chip: Chip | None = None
    win: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of one fact, from `now` to `then` (percent of a scale; no scale when both are 0)."""

    title: str
    note: str
    value: str
    now: float = 0
    then: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One figure before and after, and the interval its difference lies in (percent of the axis, `zero` on it)."""

    name: str
    before: str
    after: str
    change: str
    low: float
    at: float
    high: float
    zero: float
    chip: Chip

    @property
    def mean(self) -> Mean:
        return self.chip.mean
