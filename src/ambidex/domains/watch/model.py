"""Values of watch: watchdogs and their ladder, the one owner of an order, exceptions that need a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ambidex.kernel.actor import Actor
from ambidex.kernel.clock import Hours
from ambidex.kernel.ids import ExceptionId, LocationId, OrderId, StaffId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass


class WaitsFor(StrEnum):
    """What a watchdog waits for. What the people of a place do runs on its clock, the rest on the calendar."""

    ACCEPT = "accept"
    PICK_BEGUN = "pick_begun"
    READY = "ready"
    DISPATCH = "dispatch"
    DELIVER = "deliver"
    ATTEND = "attend"
    COLLECT = "collect"
    ANSWER = "answer"
    STOCK = "stock"
    TELL = "tell"
    REFUND = "refund"


class WatchdogState(StrEnum):
    ARMED = "armed"
    DUE_SOON = "due_soon"
    FIRED = "fired"
    NOTIFIED = "notified"
    ACKNOWLEDGED = "acknowledged"
    MOVED_ON = "moved_on"
    RESOLVED = "resolved"
    CANCELED = "canceled"


class WatchdogVerb(StrEnum):
    WARN = "warn"
    FIRE = "fire"
    NOTIFY = "notify"
    ACKNOWLEDGE = "acknowledge"
    MOVE_ON = "move_on"
    RESOLVE = "resolve"
    CANCEL = "cancel"


def _ladder() -> dict[tuple[WatchdogState, WatchdogVerb], WatchdogState]:
    state, verb = WatchdogState, WatchdogVerb
    moves = {
        (state.ARMED, verb.WARN): state.DUE_SOON,
        (state.DUE_SOON, verb.WARN): state.DUE_SOON,
        (state.ARMED, verb.FIRE): state.FIRED,
        (state.DUE_SOON, verb.FIRE): state.FIRED,
        (state.FIRED, verb.MOVE_ON): state.MOVED_ON,
        (state.NOTIFIED, verb.MOVE_ON): state.MOVED_ON,
        (state.MOVED_ON, verb.MOVE_ON): state.MOVED_ON,
        (state.FIRED, verb.NOTIFY): state.NOTIFIED,
        (state.MOVED_ON, verb.NOTIFY): state.NOTIFIED,
        (state.MOVED_ON, verb.ACKNOWLEDGE): state.ACKNOWLEDGED,
        (state.NOTIFIED, verb.ACKNOWLEDGE): state.ACKNOWLEDGED,
        (state.FIRED, verb.ACKNOWLEDGE): state.ACKNOWLEDGED,
        (state.ACKNOWLEDGED, verb.MOVE_ON): state.MOVED_ON,
    }
    for origin in set(state) - {state.RESOLVED, state.CANCELED}:
        moves[origin, verb.RESOLVE] = state.RESOLVED
        moves[origin, verb.CANCEL] = state.CANCELED
    return moves


WATCHDOG: States[WatchdogState, WatchdogVerb] = States(
    name="watchdog",
    start=WatchdogState.ARMED,
    ends=frozenset({WatchdogState.RESOLVED, WatchdogState.CANCELED}),
    moves=_ladder(),
    waits={WatchdogState.MOVED_ON: "the rung that owns it now", WatchdogState.NOTIFIED: "the top rung"},
)


_CLIMBING = frozenset(
    {WatchdogState.FIRED, WatchdogState.MOVED_ON, WatchdogState.NOTIFIED, WatchdogState.ACKNOWLEDGED}
)


class Waiting(StrEnum):
    """Whom an order waits for."""

    STAFF = "staff"
    CUSTOMER = "customer"
    SYSTEM = "system"


class Cause(StrEnum):
    """Whose doing; people are never blamed for what a system, the stock or a closed place did."""

    STOCK = "stock"
    PEOPLE = "people"
    SYSTEM = "system"
    CUSTOMER = "customer"
    PLATFORM = "platform"
    PLACE = "place"


# counted from the moment the goods lay ready, in calendar time: two reminders, last call, back to stock
COLLECT_LADDER = (timedelta(hours=24), timedelta(hours=72), timedelta(days=5), timedelta(days=6))
WatchdogKey = tuple[int, WaitsFor]


@dataclass(frozen=True, slots=True)
class NewWatchdog:
    """`hours` is the clock of the place (warnings at 50 % and 80 % of open time); None: the calendar.

    `look_at` is an extra instant to look at it before it is due (when a promise would become impossible).
    """

    order_id: OrderId
    waits_for: WaitsFor
    due_at: datetime
    work_no: int = 0
    location_id: LocationId | None = None
    hours: Hours | None = None
    look_at: datetime | None = None
    actor: Actor | None = None

    @classmethod
    def to_collect(
        cls, order_id: OrderId, *, work_no: int, location_id: LocationId, ready_at: datetime
    ) -> NewWatchdog:
        """The customer is to collect what lies ready from now on."""
        return cls(order_id, WaitsFor.COLLECT, ready_at + COLLECT_LADDER[-1], work_no, location_id)


@dataclass(frozen=True, slots=True)
class Watchdog:
    """`level` counts the hops since it fired; `next_at` is the next look."""

    order_id: OrderId
    waits_for: WaitsFor
    work_no: int
    location_id: LocationId | None
    state: WatchdogState
    armed_at: datetime
    due_at: datetime
    look_at: datetime | None
    level: int
    next_at: datetime | None
    acknowledged_by: str
    closed_at: datetime | None

    @property
    def key(self) -> WatchdogKey:
        """What names it among those of its order."""
        return self.work_no, self.waits_for

    @property
    def is_last_call(self) -> bool:
        """Whether the next reminder to collect is the last."""
        return self.level == len(COLLECT_LADDER) - 2

    @property
    def is_past_last_call(self) -> bool:
        """Whether what was not collected goes back now."""
        return self.level >= len(COLLECT_LADDER) - 1

    @property
    def climbing(self) -> bool:
        """Whether it fired and ownership moves because of it."""
        return self.state in _CLIMBING

    @property
    def turn_ends_at(self) -> datetime | None:
        """Until when its owner must act; None at the top, where an exception has taken over."""
        if self.state is WatchdogState.NOTIFIED:
            return None
        return self.next_at if self.climbing and self.next_at is not None else self.due_at


@dataclass(frozen=True, slots=True)
class NewOwner:
    """Who answers for an order from now on: a duty (`role` at `location_id`), or one person of it."""

    order_id: OrderId
    role: str
    next_step: str
    next_deadline: datetime
    location_id: LocationId | None = None
    staff_id: StaffId | None = None
    waiting_for: Waiting = Waiting.STAFF
    level: int = 0
    actor: Actor | None = None


@dataclass(frozen=True, slots=True)
class Owner:
    order_id: OrderId
    role: str
    location_id: LocationId | None
    staff_id: StaffId | None
    since: datetime
    next_step: str
    next_deadline: datetime
    level: int
    waiting_for: Waiting


@dataclass(frozen=True, slots=True)
class Trouble:
    """An exception of the domain, under a name that the language has not taken: something that needs a person."""

    exception_id: ExceptionId
    order_id: OrderId | None
    work_no: int | None
    location_id: LocationId | None
    kind: str
    cause: Cause
    detail: str
    facts: Mapping[str, Any]
    owner_role: str
    opened_at: datetime
    due_at: datetime
    state: str = "open"
    closed_at: datetime | None = None
    outcome: str = ""
