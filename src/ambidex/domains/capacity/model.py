"""Words of capacity: limits by slot with ring-fences, pauses, and what is booked. Minutes are the place's own clock."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.values import dataclass, field

METHODS = ("pickup", "ship", "deliver")
EVERY_DAY = frozenset(range(7))
MINUTES_OF_A_DAY = 24 * 60
# the number of a slot's row that counts everybody
ALL = 0


@dataclass(frozen=True, slots=True)
class Fence:
    """A part of every slot that is kept for a method, a channel, or both; what is empty counts for any."""

    works: int
    method: str = ""
    channel: str = ""

    def is_for(self, method: str, channel: str) -> bool:
        return self.method in ("", method) and self.channel in ("", channel)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many works in a slot. `days`: 0 is Monday. `closes` is after `opens`, both in minutes after local midnight."""

    limit_id: UUID
    location_id: LocationId
    works: int
    method: str = ""
    name: str = ""
    days: frozenset[int] = EVERY_DAY
    opens: int = 0
    closes: int = MINUTES_OF_A_DAY
    slot_minutes: int = 60
    fences: tuple[Fence, ...] = ()

    def fence_of(self, method: str, channel: str) -> int:
        """The number of the first ring-fence this work belongs to, from 1 on; ALL when it belongs to none."""
        found = (no for no, fence in enumerate(self.fences, start=1) if fence.is_for(method, channel))
        return next(found, ALL)


@dataclass(frozen=True, slots=True)
class Pause:
    """A place gets no new work of a method ('' any); `ends_at` None: until somebody ends it."""

    pause_id: UUID
    location_id: LocationId
    method: str
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    by: str = ""

    def holds(self, method: str, at: datetime) -> bool:
        """Whether it keeps new work of this method away at a moment."""
        begun = self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
        return begun and self.method in ("", method)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One slot of one limit."""

    limit_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class Wanted:
    """A work that needs a slot: when it must be done, where, how, and for which channel."""

    order_id: OrderId
    work_no: int
    location_id: LocationId
    method: str
    channel: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """One work in one slot. `over`: it had to go there although the slot was full; `until`: kept for a quote only so long."""

    wanted: Wanted
    slot: Slot
    fence: int
    over: bool = False
    until: datetime | None = None

    @property
    def key(self) -> tuple[OrderId, int, UUID]:
        """A work has one slot of a limit."""
        return self.wanted.order_id, self.wanted.work_no, self.slot.limit_id


@dataclass(slots=True)
class Taken:
    """How many works a slot has: of everybody (ALL), and by ring-fence."""

    works: dict[int, int] = field(default_factory=dict)

    def of(self, fence: int) -> int:
        return self.works.get(fence, 0)

    def add(self, fence: int, count: int = 1) -> None:
        self.works[ALL] = self.of(ALL) + count
        if fence != ALL:
            self.works[fence] = self.of(fence) + count
