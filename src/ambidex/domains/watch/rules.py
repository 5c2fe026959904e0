"""When a watchdog is looked at, and what it does then. Pure: the clock of the place is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from ambidex.domains.watch.model import WaitsFor, Watchdog, WatchdogState
from ambidex.kernel.clock import Hours

WARN_SHARES = (0.5, 0.8)
HOP = timedelta(minutes=5)
# counted from the moment the goods lay ready, in calendar time: reminders, last call, back to stock
COLLECT_LADDER = (timedelta(hours=24), timedelta(hours=72), timedelta(days=5), timedelta(days=6))
_WAITING = (WatchdogState.ARMED, WatchdogState.DUE_SOON)
_BY_PLACE = (WaitsFor.ACCEPT, WaitsFor.PICK_BEGUN, WaitsFor.READY, WaitsFor.ATTEND)


class Step(StrEnum):
    """What to do with a watchdog that is looked at."""

    REST = "rest"
    WARN = "warn"
    FIRE = "fire"
    HOP = "hop"
    REMIND = "remind"
    ACKNOWLEDGE = "acknowledge"


def step_of(dog: Watchdog, *, hours: Hours, now: datetime) -> Step:
    """What the ladder says. While the place is closed its own watchdogs rest."""
    if dog.next_at is None or dog.next_at > now:
        return Step.REST
    if dog.waits_for is WaitsFor.COLLECT:
        return Step.REMIND
    if dog.waits_for in _BY_PLACE and not hours.is_open(now):
        return Step.REST
    if dog.state in _WAITING:
        return Step.FIRE if dog.due_at <= now else Step.WARN
    return Step.HOP


def looks(dog_hours: Hours | None, *, armed_at: datetime, due_at: datetime) -> list[datetime]:
    """The warnings at 50 % and 80 %, in open time of the place (or of the calendar)."""
    hours = dog_hours or Hours.always()
    whole = hours.open_time_between(armed_at, due_at)
    shares = (hours.after_open_time(armed_at, whole * share) for share in WARN_SHARES)
    return [at for at in shares if at is not None and armed_at < at < due_at]


def next_look(
    hours: Hours | None, *, armed_at: datetime, due_at: datetime, look_at: datetime | None, now: datetime
) -> datetime:
    """The next instant after `now` at which a watchdog that has not fired is looked at."""
    extra = [] if look_at is None else [look_at]
    ahead = [at for at in (*looks(hours, armed_at=armed_at, due_at=due_at), *extra) if now < at < due_at]
    return min(ahead, default=due_at)


def collect_look(*, ready_at: datetime, given: int) -> datetime | None:
    """When the next reminder is due after `given` of them; None after the last."""
    return ready_at + COLLECT_LADDER[given] if given < len(COLLECT_LADDER) else None
