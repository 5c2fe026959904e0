"""What comes before money: a unit that nobody sends, then a unit that breaks a promise. Each is a price no cost can reach."""

from __future__ import annotations

INFEASIBLE = 1 << 60
UNFILLED = 10**14
BROKEN = 10**11
# Units are ranked one by one up to so many in an order, so that no sum of ranks is beyond a number; then in shares of it.
RANKED_MAX = 4_000
# What one parcel may cost in a decision, less than any rank: dearer ones are all as dear as this, and benefits as great.
MONEY_MAX = BROKEN // 20


def ranks_of(cost: int) -> tuple[int, int, int]:
    """Units not sent, units that break a promise, and mills of a cost, or of a difference of costs."""
    unfilled = (cost + UNFILLED // 2) // UNFILLED
    left = cost - unfilled * UNFILLED
    broken = (left + BROKEN // 2) // BROKEN
    return unfilled, broken, left - broken * BROKEN
