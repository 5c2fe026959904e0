"""What units of an order are worth to the customer: price, tax and discount by unit, so that parts always add up."""

from __future__ import annotations

from collections.abc import Mapping

from ambidex.domains import payments
from ambidex.domains.orders import Line, LineState, Order
from ambidex.kernel.money import Money, apportion
from ambidex.runtime.db import Read

# units that are with the customer or on their way, and units that are in the order no more
GONE = (LineState.HANDED_OVER, LineState.SHIPPED, LineState.DELIVERED)
OUT = (LineState.CANCELED, LineState.RETURNED, LineState.LOST)
# units whose share of the price counts for something else already: given back, or what another item stands for
SPENT = (*OUT, LineState.SUBSTITUTED)


def worth_of(order: Order, units: Mapping[int, int], *, gone_already: bool = False) -> Money:
    """The money that goes back for these units (line number -> units), given the units canceled or replaced before them.

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


def due_for(order: Order, leaving: Mapping[int, int]) -> Money:
    """What must be paid once these units (line number -> units) have left, with all that left before them.

    Never more than the order without the units that left it: a discount on the whole order counts for each of its parts.
    """
    kept = {line.line_no: line.units(*GONE) + leaving.get(line.line_no, 0) for line in order.lines}
    out = sum(_share(order, line, line.units(*OUT)) for line in order.lines)
    goods = sum(_share(order, line, kept[line.line_no]) for line in order.lines)
    return Money(max(0, min(goods, order.total.minor - out)), order.currency)


def _share(order: Order, line: Line, units: int) -> int:
    """Of so many units of a line, to the nearest smaller coin."""
    return _whole(order, line) * units // line.quantity


def _whole(order: Order, line: Line) -> int:
    tax = 0 if order.prices_include_tax else line.tax.minor
    return line.unit_price.minor * line.quantity + tax - line.discount.minor


def _of_line(order: Order, line: Line, count: int, *, before: int) -> int:
    parts = apportion(_whole(order, line), [1] * line.quantity)
    gone = line.units(*SPENT) - before
    return sum(parts[gone : gone + count])
