"""What happens to the rules of what may be promised."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class AvailabilityChanged(Event):
    """A rule, a group, a seller or an area changed; what may be promised is another number from now on.

    `item_ids` are the items it is about, empty for any.
    """

    name: ClassVar[str] = "availability.changed"
    what: str
    item_ids: tuple[UUID, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class QueueMoved(Event):
    """Somebody left the queue at these places, or there are more to serve: [item, location] each.

    `behind` is where in the queue of the parked a turn came to, empty for its begin.
    """

    name: ClassVar[str] = "availability.queue-moved"
    places: list[list[UUID]]
    why: str
    behind: tuple[str, ...] = ()
