"""When a place is open, in the words a person at its door would use."""

from __future__ import annotations

from datetime import datetime

from ambidex.kernel.clock import Hours
from ambidex.web.formats import local_short, local_time
from ambidex.web.words import translate as _


def opening(hours: Hours, now: datetime) -> str:
    """Open until 20:00; Closed, opens Mon 9:00; or Closed for good."""
    opens = hours.next_open(now)
    if opens is None:
        return _("Closed for good")
    if opens > now:
        return _("Closed, opens %(when)s", when=local_short(opens, hours.zone.key, now))
    closes = hours.closes_at(now)
    return _("Open until %(when)s", when=local_time(closes, hours.zone.key)) if closes else _("Open")
