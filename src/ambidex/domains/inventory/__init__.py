"""The door of inventory: what is where, who claims it, and how it moves."""

from ambidex.domains.inventory.commands import (
    book,
    count_all,
    hold,
    hold_all,
    hold_to_reservation,
    lock_stock,
    move,
    move_claims,
    reserve,
    will_reserve,
)
from ambidex.domains.inventory.jobs import expire_holds, rebuild, release_hold, release_holds
from ambidex.domains.inventory.model import (
    Claim,
    Counted,
    Move,
    Movement,
    Place,
    Settled,
    Short,
    StockRow,
)
from ambidex.domains.inventory.problems import SoldOut
from ambidex.domains.inventory.queries import available, book_as_of

__all__ = [
    "Claim",
    "Counted",
    "Move",
    "Movement",
    "Place",
    "Settled",
    "Short",
    "SoldOut",
    "StockRow",
    "available",
    "book",
    "book_as_of",
    "count_all",
    "expire_holds",
    "hold",
    "hold_all",
    "hold_to_reservation",
    "lock_stock",
    "move",
    "move_claims",
    "rebuild",
    "release_hold",
    "release_holds",
    "reserve",
    "will_reserve",
]
