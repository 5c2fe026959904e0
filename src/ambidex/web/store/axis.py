"""All promises of the next two hours on one line of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ambidex.kernel.values import dataclass
from ambidex.web.formats import local_time
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Mark, Work
from ambidex.web.words import translate as _

BEFORE = timedelta(minutes=12)
AHEAD = timedelta(hours=2)
TICK = timedelta(minutes=30)
CLEAR_OF_NOW = 7.0
CLEAR_OF_END = 94.0


@dataclass(frozen=True, slots=True)
class Axis:
    """What ui.axis draws: marks and ticks in percent of its length."""

    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    now: float
    now_label: str
    label: str


def axis_of(cards: Sequence[Work], *, now: datetime, zone: str) -> Axis:
    """The clocks of these cards from a little before now; late ones stand at its beginning."""
    start, whole = now - BEFORE, BEFORE + AHEAD
    clocks = [card.clock for card in cards if card.clock is not None and card.clock.by <= now + AHEAD]

    def at(instant: datetime) -> float:
        return round(min(99.0, max(0.5, 100 * (instant - start) / whole)), 1)

    here = at(now)
    ticks = [(at(tick), local_time(tick, zone)) for tick in _half_hours(start, now + AHEAD, zone)]
    return Axis(
        marks=tuple(Mark(at=at(clock.by), mean=clock.mean) for clock in clocks),
        ticks=tuple(
            (place, text)
            for place, text in ticks
            if abs(place - here) > CLEAR_OF_NOW and place < CLEAR_OF_END
        ),
        now=here,
        now_label=local_time(now, zone),
        label=_label([clock.mean for clock in clocks]),
    )


def _half_hours(start: datetime, end: datetime, zone: str) -> list[datetime]:
    local = start.astimezone(ZoneInfo(zone))
    past = timedelta(minutes=local.minute % 30, seconds=local.second, microseconds=local.microsecond)
    first = start - past + TICK
    return [first + n * TICK for n in range(8) if first + n * TICK < end]


def _label(means: Sequence[Mean]) -> str:
    late, risk = means.count(Mean.BROKEN), means.count(Mean.AT_RISK)
    return _(
        "%(all)s promises in the next two hours: %(late)s late, %(risk)s at risk",
        all=len(means),
        late=late,
        risk=risk,
    )
