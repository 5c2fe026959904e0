"""Capacity of a place: limits by slot with ring-fences, how full the slots are, and pauses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, operation
from ambidex.api.locations import DAYS
from ambidex.api.order_shapes import Channel, Sent
from ambidex.api.shapes import Moment
from ambidex.domains import locations
from ambidex.domains.capacity import Fence, Limit, Pause
from ambidex.domains.locations import Location
from ambidex.flows.pause_place import LimitSaid, limit_place, pause_place, resume_place
from ambidex.kernel.actor import Permission
from ambidex.reads.capacity import PlaceCapacity, place_capacity
from ambidex.runtime.db import Tx

router = APIRouter(tags=["places"])
ONE = "/locations/{code}/capacity"
CHANGING = [operation(Permission.CAPACITY_CHANGE, place=Scope.OWN_PLACE)]
READING = [operation(Permission.PLACES_READ)]
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Method = Literal["", "pickup", "ship", "deliver"]
Works = Annotated[int, Field(ge=0, le=100_000, strict=True)]
LIMITS_MAX = 50


def _on_a_wall(at: time) -> time:
    if at.tzinfo is not None or at.second or at.microsecond:
        raise ValueError("hours and minutes on the clock of the place were expected, such as 09:00")
    return at


WallTime = Annotated[time, AfterValidator(_on_a_wall)]


class FenceShape(Sent):
    """A part of every slot that is kept for a method, a channel, or both."""

    works: Annotated[int, Field(ge=1, le=100_000, strict=True)]
    method: Method = ""
    channel: Literal[""] | Channel = ""


class LimitIn(Sent):
    """So many works in a slot, on the clock of the place; `until` 00:00 is the end of the day."""

    id: UUID | None = None
    name: str = Field(default="", max_length=120)
    method: Method = ""
    days: list[Day] = Field(default_factory=lambda: list(DAYS), min_length=1)  # type: ignore[arg-type]  # the same words
    opens: WallTime = Field(default=time(0), alias="from", examples=["09:00"])
    until: WallTime = Field(default=time(0), examples=["18:00"])
    slot_minutes: int = Field(default=60, ge=5, le=1_440)
    works: Works
    fences: list[FenceShape] = Field(default_factory=list, max_length=20)

    def said(self) -> LimitSaid:
        """As flows say it."""
        return LimitSaid(
            works=self.works,
            method=self.method,
            name=self.name,
            days=frozenset(DAYS.index(day) for day in self.days),
            opens=self.opens,
            until=self.until,
            slot_minutes=self.slot_minutes,
            fences=[Fence(fence.works, fence.method, fence.channel) for fence in self.fences],
            limit_id=self.id,
        )


class CapacityIn(Sent):
    """Exactly these limits count from now on; one with a known id keeps what is booked."""

    limits: list[LimitIn] = Field(max_length=LIMITS_MAX)


class PauseIn(Sent):
    """No new work of a method (empty: any) until then; without `until` until somebody ends it."""

    reason: str = Field(min_length=1, max_length=200, examples=["queue to the door"])
    method: Method = ""
    until: Moment | None = None


class ResumeIn(Sent):
    """What was paused: the method that was named then."""

    method: Method = ""


class LimitOut(BaseModel):
    """A limit as it counts."""

    id: str
    name: str
    method: str
    days: list[str]
    opens: str = Field(serialization_alias="from")
    until: str
    slot_minutes: int
    works: int
    fences: list[FenceShape]


class PauseOut(BaseModel):
    """A pause that holds or will."""

    method: str
    starts_at: datetime
    until: datetime | None
    reason: str
    by: str


class SlotOut(BaseModel):
    """How full a slot is; `free` is what it takes of works that no ring-fence is for."""

    limit: str
    starts_at: datetime
    ends_at: datetime
    works: int
    taken: int
    free: int


class CapacityOut(BaseModel):
    """What is written for a place, and how full it is."""

    location: str
    limits: list[LimitOut]
    pauses: list[PauseOut]
    slots: list[SlotOut]


@router.get(ONE, dependencies=READING)
async def see_capacity(code: str, runs: Runs, days: Annotated[int, Query(ge=1, le=14)] = 2) -> CapacityOut:
    """Limits, pauses, and the slots of the coming days."""
    async with runs.reading() as read:
        return _out(await place_capacity(read, await locations.by_code(read, code), days=days))


@router.put(ONE, dependencies=CHANGING, response_model=CapacityOut)
async def put_capacity(code: str, body: CapacityIn, asks: Asks) -> Response:
    """Other limits from now on: the next order and the next quote know them."""
    return await asks.answer(_shown, limit_place, code=code, limits=[one.said() for one in body.limits])


@router.post("/locations/{code}/pause", dependencies=CHANGING, response_model=PauseOut)
async def pause(code: str, body: PauseIn, asks: Asks) -> Response:
    """No new work from now on; what nobody accepted yet to be sent goes elsewhere at once."""
    return await asks.answer(
        _paused, pause_place, code=code, method=body.method, until=body.until, reason=body.reason
    )


@router.post("/locations/{code}/resume", dependencies=CHANGING, response_model=CapacityOut)
async def resume(code: str, body: ResumeIn, asks: Asks) -> Response:
    """The place takes work again."""
    return await asks.answer(_shown, resume_place, code=code, method=body.method)


async def _shown(tx: Tx, place: Location) -> CapacityOut:
    return _out(await place_capacity(tx, place))


async def _paused(_: Tx, pause: Pause) -> PauseOut:
    return _pause_out(pause)


def _out(found: PlaceCapacity) -> CapacityOut:
    slots = [
        SlotOut(
            limit=str(one.limit.limit_id), starts_at=one.starts_at, ends_at=one.ends_at,
            works=one.limit.works, taken=one.taken, free=one.free,
        )
        for one in found.slots
    ]  # fmt: skip
    return CapacityOut(
        location=found.place.code,
        limits=_limits(found.limits),
        pauses=[_pause_out(pause) for pause in found.pauses],
        slots=slots,
    )


def _limits(limits: Sequence[Limit]) -> list[LimitOut]:
    return [
        LimitOut(
            id=str(limit.limit_id),
            name=limit.name,
            method=limit.method,
            days=[DAYS[day] for day in sorted(limit.days)],
            opens=clock_words(limit.opens),
            until=clock_words(limit.closes),
            slot_minutes=limit.slot_minutes,
            works=limit.works,
            fences=[FenceShape(works=f.works, method=f.method, channel=f.channel) for f in limit.fences],  # type: ignore[arg-type]  # stored as checked
        )
        for limit in limits
    ]


def clock_words(minute: int) -> str:
    """A minute of the day as the clock shows it; midnight at its end is 00:00."""
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def _pause_out(pause: Pause) -> PauseOut:
    return PauseOut(
        method=pause.method, starts_at=pause.starts_at, until=pause.ends_at, reason=pause.reason, by=pause.by
    )
