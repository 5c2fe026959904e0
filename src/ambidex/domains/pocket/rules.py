"""When a deed happened, if a device says so whose clock may be wrong. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains.pocket.model import Dated

KEPT = timedelta(days=14)
"""A device that was away longer than this is believed to have done it so long ago."""
SENDING_TAKES_MAX = timedelta(seconds=30)
"""A clock is called wrong only beyond what sending may take."""
SECONDS_MAX = 2**31 - 1
"""A clock that is wrong by more is written as wrong by this much."""


def dated(said_at: datetime, *, device_now: datetime, now: datetime) -> Dated:
    """Put right by what the device's clock is wrong now; never in the future, never longer ago than KEPT."""
    ahead = device_now - now
    if abs(ahead) <= SENDING_TAKES_MAX:
        ahead = timedelta(0)
    ago = min(max(now + ahead - said_at, timedelta(0)), KEPT)
    seconds = min(max(round(ahead.total_seconds()), -SECONDS_MAX), SECONDS_MAX)
    return Dated(said_at, now - ago, seconds)
