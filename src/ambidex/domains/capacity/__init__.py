"""The door of capacity: how much work a place takes, when, and what keeps it away.

`change` has the steps of a change of limits beside it: beginning one, and booking anew what is there.
"""

from ambidex.domains.capacity import commands as change
from ambidex.domains.capacity.commands import (
    end_run_out,
    lock_limits,
    pause,
    put_limits,
    release,
    resume,
    try_book,
)
from ambidex.domains.capacity.model import Fence, Limit, Pause, Slot, Taken, Wanted
from ambidex.domains.capacity.problems import NoCapacity, PlacePaused
from ambidex.domains.capacity.queries import FAMILY, book_now, book_of, taken_between
from ambidex.domains.capacity.rules import CapacityBook, room, slot_ends, slot_of, slots_between

__all__ = [
    "FAMILY",
    "CapacityBook",
    "Fence",
    "Limit",
    "NoCapacity",
    "Pause",
    "PlacePaused",
    "Slot",
    "Taken",
    "Wanted",
    "book_now",
    "book_of",
    "change",
    "end_run_out",
    "lock_limits",
    "pause",
    "put_limits",
    "release",
    "resume",
    "room",
    "slot_ends",
    "slot_of",
    "slots_between",
    "taken_between",
    "try_book",
]
