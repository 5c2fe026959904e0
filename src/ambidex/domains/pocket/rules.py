"""When a deed happened, if a device says so whose clock may be wrong. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains.pocket.model import Dated

KEPT = timedelta(days=14)
"""A device that was away longer than this is believed to have done it so long ago."""
SENDING_TAKES_MAX = timedelta(seconds=30)
"""A clock is called wrong only beyond what sending may take."""


def dated(said_at: datetime, *, device_now: datetime, now: datetime) -> Dated:
    """Put right by what the device's clock is wrong now; never in the future, never longer ago than KEPT."""
    ahead = device_now - now
    if abs(ahead) <= SENDING_TAKES_MAX:
        ahead = timedelta(0)
    happened_at = min(max(said_at - ahead, now - KEPT), now)
    return Dated(said_at, happened_at, round(ahead.total_seconds()))
