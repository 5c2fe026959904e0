"""The door of inventory: what is where, who claims it, and how it moves."""

from ambidex.domains.inventory.commands import (
    count,
    count_all,
    hand_over,
    hold,
    hold_to_reservation,
    lock_stock,
    make_suspect,
    put_away,
    refuse,
    release,
    release_hold,
    reserve,
    stage,
    take_back,
    try_reserve,
    unstage,
)
from ambidex.domains.inventory.model import Claim, Counted, Place, Short, StockRow
from ambidex.domains.inventory.problems import SoldOut
from ambidex.domains.inventory.queries import available, booked_orders, spots

__all__ = [
    "Claim",
    "Counted",
    "Place",
    "Short",
    "SoldOut",
    "StockRow",
    "available",
    "booked_orders",
    "count",
    "count_all",
    "hand_over",
    "hold",
    "hold_to_reservation",
    "lock_stock",
    "make_suspect",
    "put_away",
    "refuse",
    "release",
    "release_hold",
    "reserve",
    "spots",
    "stage",
    "take_back",
    "try_reserve",
    "unstage",
]
