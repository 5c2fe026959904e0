"""When a watchdog is looked at, and what it does then. Pure: the clock of the place is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from ambidex.domains.watch.model import COLLECT_LADDER, WaitsFor, Watchdog, WatchdogState
from ambidex.kernel.clock import Hours
from ambidex.kernel.values import dataclass

WARN_SHARES = (0.5, 0.8)
HOP = timedelta(minutes=5)
_WAITING = (WatchdogState.ARMED, WatchdogState.DUE_SOON)
_BY_PLACE = (WaitsFor.ACCEPT, WaitsFor.PICK_BEGUN, WaitsFor.READY, WaitsFor.DISPATCH, WaitsFor.ATTEND)


class Step(StrEnum):
    """What to do with a watchdog that is looked at."""

    REST = "rest"
    WARN = "warn"
    FIRE = "fire"
    HOP = "hop"
    REMIND = "remind"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at a watchdog says: the step to take now, and when to look again (None: never)."""

    step: Step
    next_at: datetime | None


def look(dog: Watchdog, *, hours: Hours, now: datetime, others_climb: bool = False) -> Look:
    """What the ladder says at this instant. While the place is closed its own watchdogs rest.

    One ladder at a time for one work: while another watchdog climbs, this one waits for a hop and says nothing, so
    whoever owns the work hears of it once.
    """
    if dog.next_at is None or dog.next_at > now:
        return Look(Step.REST, dog.next_at)
    if dog.waits_for is WaitsFor.COLLECT:
        due = collect_look(ready_at=dog.armed_at, given=dog.level)
        if due is not None and due > now:
            return Look(Step.REST, due)
        return Look(Step.REMIND, collect_look(ready_at=dog.armed_at, given=dog.level + 1))
    clock = hours if dog.waits_for in _BY_PLACE else Hours.always()
    if not clock.is_open(now):
        return Look(Step.REST, clock.next_open(now))
    if others_climb and dog.state in _WAITING:
        return Look(Step.REST, clock.after_open_time(now, HOP))
    if dog.state in _WAITING and dog.due_at > now:
        return _before_due(dog, clock, now)
    return Look(Step.FIRE if dog.state in _WAITING else Step.HOP, clock.after_open_time(now, HOP))


def next_look(
    hours: Hours | None, *, armed_at: datetime, due_at: datetime, look_at: datetime | None, now: datetime
) -> datetime:
    """The next instant after `now` at which a watchdog that has not fired is looked at."""
    extra = [] if look_at is None else [look_at]
    warnings = _warnings(hours or Hours.always(), armed_at, due_at)
    return min((at for at in (*warnings, *extra) if now < at < due_at), default=due_at)


def collect_look(*, ready_at: datetime, given: int) -> datetime | None:
    """When the next reminder is due after `given` of them; None after the last."""
    return ready_at + COLLECT_LADDER[given] if given < len(COLLECT_LADDER) else None


def _before_due(dog: Watchdog, clock: Hours, now: datetime) -> Look:
    warnings = _warnings(clock, dog.armed_at, dog.due_at)
    first_is_due = dog.state is WatchdogState.ARMED and any(at <= now for at in warnings)
    ahead = next_look(clock, armed_at=dog.armed_at, due_at=dog.due_at, look_at=dog.look_at, now=now)
    return Look(Step.WARN if first_is_due or dog.next_at in warnings else Step.REST, ahead)


def _warnings(hours: Hours, armed_at: datetime, due_at: datetime) -> list[datetime]:
    """At 50 % and 80 % of the time between, as this clock counts it."""
    if hours.is_open_throughout(armed_at, due_at):
        shares: list[datetime | None] = [armed_at + (due_at - armed_at) * share for share in WARN_SHARES]
    else:
        whole = hours.open_time_between(armed_at, due_at)
        shares = [hours.after_open_time(armed_at, whole * share) for share in WARN_SHARES]
    return [at for at in shares if at is not None and armed_at < at < due_at]
