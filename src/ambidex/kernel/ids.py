"""Identifiers: UUIDv7 made here, so that rows of one moment lie beside each other on disk.

The layout is RFC 9562 section 5.7: 48 bits of Unix milliseconds, version, 74 random bits.
Children of an order are numbered (`smallint`); their outside id is the order's id and the number.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import datetime
from typing import NewType
from uuid import UUID

OrderId = NewType("OrderId", UUID)
ItemId = NewType("ItemId", UUID)
LocationId = NewType("LocationId", UUID)
SourceId = NewType("SourceId", UUID)
StaffId = NewType("StaffId", UUID)
CustomerId = NewType("CustomerId", UUID)
TaskId = NewType("TaskId", UUID)
ExceptionId = NewType("ExceptionId", UUID)
FeedId = NewType("FeedId", UUID)

_CHILD = re.compile(r"(?P<order>[0-9a-f]{32})-(?P<number>[0-9]{1,4})")


def new_id(now: datetime, *, chance: int | None = None) -> UUID:
    """A UUIDv7 for this instant; `chance` (74 bits) is passed by the simulator, else drawn."""
    bits = _drawn() if chance is None else chance
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | 0x7 << 76 | (bits >> 62) << 64 | 0b10 << 62 | bits & (1 << 62) - 1
    return UUID(int=value)


_CHANCE_BYTES, _DRAWN_AT_ONCE = 10, 400
_chances: list[bytes] = []
_source: list[Callable[[int], bytes]] = [os.urandom]


def _drawn() -> int:
    """74 bits that nobody can foresee, from the system's own source, which is asked for many at once. None is used twice."""
    if not _chances:
        pool = _source[0](_CHANCE_BYTES * _DRAWN_AT_ONCE)
        _chances.extend(pool[at : at + _CHANCE_BYTES] for at in range(0, len(pool), _CHANCE_BYTES))
    return int.from_bytes(_chances.pop()) >> 6


def draw_from(source: Callable[[int], bytes]) -> None:
    """Chance comes from here until further notice: for tests, whose ids are then the same at every run."""
    _source[0] = source
    _chances.clear()


# a program that is a copy of another draws its own
os.register_at_fork(after_in_child=_chances.clear)


def child_id(order_id: UUID, number: int) -> str:
    """The outside id of an order's numbered child: fulfillment order, promise, message."""
    return f"{order_id.hex}-{number}"


def parse_child_id(text: str) -> tuple[OrderId, int] | None:
    """The order and number inside an outside id; None when it is not one of ours."""
    match = _CHILD.fullmatch(text)
    return None if match is None else (OrderId(UUID(match["order"])), int(match["number"]))
