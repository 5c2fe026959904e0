"""What units of an order are worth to the customer: price, tax and discount by unit, so that parts always add up."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains import payments
from ambidex.domains.orders import Line, LineState, Order
from ambidex.kernel.money import Money, apportion
from ambidex.runtime.db import Read


def worth_of(order: Order, units: Mapping[int, int], *, gone_already: bool = False) -> Money:
    """The money that goes back for these units (line number -> units), given the units canceled before them.

    `gone_already`: the lines count them as returned by now.
    """
    parts = (
        _of_line(order, line, count, before=count if gone_already else 0)
        for line in order.lines
        if (count := units.get(line.line_no, 0))
    )
    return Money(sum(parts), order.currency)


async def taken_of(read: Read, order: Order, amount: Money) -> Money | None:
    """How much of this amount was really taken, so that it can go back; None when nothing was."""
    money = await payments.money(read, order.order_id)
    taken = min(amount.minor, money.captured.minor - money.refunded.minor)
    return Money(taken, order.currency) if taken > 0 else None


def _of_line(order: Order, line: Line, count: int, *, before: int) -> int:
    tax = 0 if order.prices_include_tax else line.tax.minor
    whole = line.unit_price.minor * line.quantity + tax - line.discount.minor
    parts = apportion(whole, [1] * line.quantity)
    gone = line.units(LineState.CANCELED, LineState.RETURNED, LineState.LOST) - before
    return sum(parts[gone : gone + count])
