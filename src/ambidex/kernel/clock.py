"""The clock of a place: its opening hours in its own zone, with exceptions, closures and daylight saving.

Deadlines of work are counted in *open* time: ten minutes after 20:55 in a shop that closes at 21:00 is 09:05
next morning. All instants are timezone-aware UTC; local wall times become instants through zoneinfo, so a
night that is an hour longer or shorter needs no special case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ambidex.kernel.values import dataclass, field

DAYS_AHEAD_MAX = 370
# looked back first a day, then further: nearly always the first is enough
DAYS_BACK = (1, 8, 60, DAYS_AHEAD_MAX)

Interval = tuple[time, time]
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours (0 is Monday), exceptional days, and the day a place closes for good.

    An interval that ends at or before its start runs past midnight. An exceptional day with no interval is
    closed. `closed_from` is the first local day on which the place never opens again.
    """

    zone: ZoneInfo
    week: Mapping[int, tuple[Interval, ...]]
    exceptions: Mapping[date, tuple[Interval, ...]] = field(default_factory=dict)
    closed_from: date | None = None
    # the opening times of days asked for before: a place is asked again and again about the same few
    _known: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def always(cls) -> Hours:
        """Open around the clock, in UTC."""
        return cls(ZoneInfo("UTC"), {day: ((time(0), time(0)),) for day in range(7)})

    def is_open(self, at: datetime) -> bool:
        """Whether the doors are open at this instant."""
        return any(opens <= at < closes for opens, closes in self._spans(at, days_ahead=0))

    def is_open_throughout(self, start: datetime, end: datetime) -> bool:
        """Whether one opening lasts from one instant to the other."""
        return any(opens <= start and end <= closes for opens, closes in self._days(start, 0))

    def next_open(self, at: datetime) -> datetime | None:
        """This instant when open, else the next opening; None when it never opens again."""
        for opens, closes in self._spans(at):
            if closes > at:
                return max(opens, at)
        return None

    def closes_at(self, at: datetime) -> datetime | None:
        """When the doors close after this instant (of the current or next opening); None when never again."""
        return next((closes for _, closes in self._spans(at) if closes > at), None)

    def after_open_time(self, start: datetime, length: timedelta) -> datetime | None:
        """The instant when `length` of open time has passed since `start`; None when it never will."""
        left = length
        for opens, closes in self._spans(start):
            begin = max(opens, start)
            if closes <= begin:
                continue
            if closes - begin >= left:
                return begin + left
            left -= closes - begin
        return None

    def before_open_time(self, end: datetime, length: timedelta) -> datetime:
        """The latest instant from which `length` of open time passes until `end` (planning backwards).

        Plain time when the last DAYS_BACK hold less open time than that.
        """
        for days in DAYS_BACK:
            left = length
            spans = self._spans(end - timedelta(days=days), days_ahead=days + 1)
            for opens, closes in reversed(list(spans)):
                open_time = min(closes, end) - opens
                if open_time >= left:
                    return min(closes, end) - left
                left -= max(open_time, timedelta())
        return end - length

    def open_time_between(self, start: datetime, end: datetime) -> timedelta:
        """How much open time lies between two instants; zero when `end` is not after `start`."""
        days = max(0, min((end - start).days + 1, DAYS_AHEAD_MAX))
        shares = (
            min(closes, end) - max(opens, start) for opens, closes in self._spans(start, days_ahead=days)
        )
        return sum((share for share in shares if share > timedelta()), timedelta())

    def _spans(self, around: datetime, *, days_ahead: int = DAYS_AHEAD_MAX) -> Iterator[Span]:
        """Opening times in order; a night that runs into the next day's opening is counted once."""
        end = None
        for opens, closes in self._days(around, days_ahead):
            if end is None or opens >= end:
                yield opens, closes
            elif closes > end:
                yield end, closes
            end = closes if end is None else max(end, closes)

    def _days(self, around: datetime, days_ahead: int) -> Iterator[Span]:
        first = around.astimezone(self.zone).date() - timedelta(days=1)
        for offset in range(days_ahead + 2):
            day = first + timedelta(days=offset)
            if self.closed_from is not None and day >= self.closed_from:
                return
            yield from self._known.get(day) or self._spans_of(day)

    def _spans_of(self, day: date) -> tuple[Span, ...]:
        found = []
        for opens, closes in sorted(self.exceptions.get(day, self.week.get(day.weekday(), ()))):
            last_day = day if closes > opens else day + timedelta(days=1)
            found.append((self._instant(day, opens), self._instant(last_day, closes)))
        if len(self._known) > 2 * DAYS_AHEAD_MAX:
            self._known.clear()
        self._known[day] = tuple(found)
        return self._known[day]

    def _instant(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, tzinfo=self.zone).astimezone(UTC)
