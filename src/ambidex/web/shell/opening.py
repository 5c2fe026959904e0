"""When a place is open, in the words a person at its door would use; short, as it stands in the head of every page."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ambidex.kernel.clock import Hours
from ambidex.web.formats import local_short
from ambidex.web.words import translate as _

A_DAY = timedelta(days=1)


def opening(hours: Hours, now: datetime) -> str:
    """Open until 20:00; Opens Mon 9:00; Open day and night; or Closed for good."""
    opens = hours.next_open(now)
    if opens is None:
        return _("Closed for good")
    if opens > now:
        return _("Opens %(when)s", when=local_short(opens, hours.zone.key, now))
    closes = _doors_close(hours, now)
    if closes is None:
        return _("Open day and night")
    if closes.astimezone(hours.zone).time() == time(0):
        return _("Open until midnight")
    return _("Open until %(when)s", when=local_short(closes, hours.zone.key, now))


def _doors_close(hours: Hours, now: datetime) -> datetime | None:
    """When nobody gets in any more; None where that is more than a day away: midnight, and the next day goes on."""
    closes = hours.closes_at(now)
    while closes is not None and hours.is_open(closes) and closes - now <= A_DAY:
        closes = hours.closes_at(closes)
    return closes if closes is not None and closes - now <= A_DAY else None
