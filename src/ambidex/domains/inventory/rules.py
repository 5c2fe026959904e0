"""Pure decisions of inventory: which claims go short when the stock does not meet them all."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.inventory.model import Booking, Settlement, Short


def settle(gap: int, bookings: Sequence[Booking], shorts: Sequence[Short]) -> Settlement:
    """Make open shorts cover exactly the gap, on the newest bookings.

    `bookings` are live and ordered oldest first. A short never exceeds its booking; what is already short and
    must stay short keeps its row.
    """
    wanted = _wanted(gap, bookings)
    keep: dict[tuple[object, int], int] = {}
    close = []
    for short in shorts:
        key = (short.order_id, short.line_no)
        if wanted.get(key) == short.quantity and key not in keep:
            keep[key] = short.quantity
        else:
            close.append(short.short_id)
    opened = [
        Booking(b.order_id, b.line_no, wanted[b.order_id, b.line_no])
        for b in bookings
        if wanted.get((b.order_id, b.line_no), 0) and (b.order_id, b.line_no) not in keep
    ]
    return Settlement(close=close, open=opened)


def _wanted(gap: int, bookings: Sequence[Booking]) -> dict[tuple[object, int], int]:
    """Units short per booking: the newest first, until the gap is covered."""
    wanted: dict[tuple[object, int], int] = {}
    left = gap
    for booking in reversed(bookings):
        units = min(left, booking.quantity)
        if units:
            wanted[booking.order_id, booking.line_no] = units
            left -= units
    return wanted


def holds_to_break(gap: int, quantities: Sequence[int]) -> int:
    """How many of the holds (newest first) must be broken before any firm claim goes short."""
    broken = 0
    for quantity in quantities:
        if gap <= 0:
            break
        gap -= quantity
        broken += 1
    return broken
