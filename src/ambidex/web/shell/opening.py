"""When a place is open, in the words a person at its door would use."""

from __future__ import annotations

from datetime import datetime

from ambidex.kernel.clock import Hours
from ambidex.web.formats import local_short
from ambidex.web.words import translate as _

DAYS_IN_A_ROW = 8


def opening(hours: Hours, now: datetime) -> str:
    """Open until 20:00; Closed, opens Mon 9:00; or Closed for good."""
    opens = hours.next_open(now)
    if opens is None:
        return _("Closed for good")
    if opens > now:
        return _("Closed, opens %(when)s", when=local_short(opens, hours.zone.key, now))
    closes = _doors_close(hours, now)
    if closes is None:
        return _("Open day and night")
    return _("Open until %(when)s", when=local_short(closes, hours.zone.key, now))


def _doors_close(hours: Hours, now: datetime) -> datetime | None:
    """When nobody gets in any more; None when midnight after midnight the next day goes on."""
    closes: datetime | None = now
    for _day in range(DAYS_IN_A_ROW):
        closes = hours.closes_at(closes) if closes is not None else None
        if closes is None or not hours.is_open(closes):
            return closes
    return None
