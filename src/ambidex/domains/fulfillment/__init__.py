"""The door of fulfillment: work for one location, done by evidence, ready only when proven."""

from ambidex.domains.fulfillment.commands import (
    PickupCodes,
    accept,
    cancel_work,
    customer_moves,
    hand_over,
    make_ready,
    miss,
    offer,
    pick,
    put_away,
    stage,
    take_back,
    undo_hand_over,
)
from ambidex.domains.fulfillment.model import (
    CustomerSide,
    Dropped,
    HandOver,
    NewWork,
    Scanned,
    Work,
    WorkState,
    WorkVerb,
)
from ambidex.domains.fulfillment.problems import UnknownWork
from ambidex.domains.fulfillment.queries import work, work_from_id, works_of

__all__ = [
    "CustomerSide",
    "Dropped",
    "HandOver",
    "NewWork",
    "PickupCodes",
    "Scanned",
    "UnknownWork",
    "Work",
    "WorkState",
    "WorkVerb",
    "accept",
    "cancel_work",
    "customer_moves",
    "hand_over",
    "make_ready",
    "miss",
    "offer",
    "pick",
    "put_away",
    "stage",
    "take_back",
    "undo_hand_over",
    "work",
    "work_from_id",
    "works_of",
]
