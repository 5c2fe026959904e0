"""The promise clock: how much of the time since the promise was made is used, and what that means.

static/js/clock.js goes on from the same rule in the browser: at risk at 80 %, broken when the time has passed.
"""

from __future__ import annotations

from datetime import datetime

from ambidex.kernel.values import dataclass
from ambidex.web.formats import span
from ambidex.web.parts.meanings import Mean
from ambidex.web.words import translate as _

AT_RISK_FROM = 0.8
FIXED = frozenset({Mean.WAITING, Mean.NONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Time to or past a promise. Instants in UTC; `zone` is the place's.

    `least` is the least bad meaning it may show (a missed milestone makes it at risk early); waiting and none stay.
    `before` is an earlier promise, shown struck through; a broken one counts from it. `since` is shown instead of `by`
    ("Here since 14:14"). `met_at` stops the clock.
    """

    what: str
    by: datetime
    began: datetime
    now: datetime
    zone: str
    least: Mean = Mean.ON_TRACK
    before: datetime | None = None
    since: datetime | None = None
    then: str = ""
    met_at: datetime | None = None

    @property
    def used(self) -> float:
        """0 to 1 of the time given."""
        whole = (self.by - self.began).total_seconds()
        passed = ((self.met_at or self.now) - self.began).total_seconds()
        return 1.0 if whole <= 0 else min(1.0, max(0.0, passed / whole))

    @property
    def percent(self) -> int:
        return round(self.used * 100)

    @property
    def step(self) -> int:
        """Percent in steps of five, for the style sheet."""
        return round(self.used * 20) * 5

    @property
    def mean(self) -> Mean:
        if self.least in FIXED:
            return self.least
        return max(self._by_time(), self.least, key=lambda mean: mean.rank)

    @property
    def icon(self) -> str:
        return "clock" if self.mean is Mean.ON_TRACK and self.met_at is None else self.mean.icon

    @property
    def left(self) -> str:
        """The words beside the bar."""
        if self.met_at is not None:
            return _("Kept") if self.met_at <= self.by else _("Kept late")
        return words()[self.mean].format(span=span(self._edge - self.now))

    @property
    def left_large(self) -> str:
        """The same where a chip says the meaning already."""
        return (
            words()[Mean.ON_TRACK].format(span=span(self.by - self.now))
            if self.mean is Mean.AT_RISK
            else self.left
        )

    @property
    def _edge(self) -> datetime:
        return self.before if self.before is not None and self.mean is Mean.BROKEN else self.by

    def _by_time(self) -> Mean:
        if (self.met_at or self.now) > self.by:
            return Mean.BROKEN
        if self.met_at is not None:
            return Mean.ON_TRACK
        return Mean.AT_RISK if self.used >= AT_RISK_FROM else Mean.ON_TRACK


def words() -> dict[str, str]:
    """The sentence of each meaning, with a place for the length; the page gives them to clock.js too."""
    return {
        Mean.ON_TRACK: _("{span} left"),
        Mean.AT_RISK: _("At risk · {span}"),
        Mean.BROKEN: _("Late · {span}"),
        Mean.WAITING: _("Waiting · {span}"),
        Mean.NONE: _("{span} left"),
    }
