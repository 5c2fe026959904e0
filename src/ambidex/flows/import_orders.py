"""Importing orders: open ones go the way of placing; those that are over come in as history, with their own times.

How one line is read is the edge's business: it hands over the order it understood.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ambidex.flows import import_fields as read
from ambidex.flows.import_rows import Fields, Kind
from ambidex.flows.place_order import place_orders
from ambidex.flows.recall_orders import Imported, recall
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import Problem
from ambidex.runtime.coalesce import Asked
from ambidex.runtime.db import Tx

TEXT_MAX = 1_000_000
AT_ONCE = 500


def orders_kind(understand: Callable[[str], Imported]) -> Kind:
    """The kind of line that holds an order; `understand` reads its text. Raises BadInput."""

    def line(fields: Fields) -> Imported:
        found = understand(fields["order"])
        _check(found)
        return found

    return Kind(
        name="orders",
        columns=("order",),
        required=("order",),
        read=line,
        key=lambda one: (one.new.source, one.new.reference),
        apply=import_orders,
        text_max=TEXT_MAX,
        at_once=AT_ONCE,
    )


async def import_orders(tx: Tx, imported: Sequence[Imported]) -> None:
    """All of them, or the first refusal: then the list is halved until the line at fault stands alone."""
    tx.actor.must(Permission.ORDERS_PLACE)
    asked = [Asked(tx.actor, None, one.new) for one in imported if not one.is_over]
    answers = await place_orders(tx, asked, sold_elsewhere=True) if asked else []
    refused = next((answer for answer in answers if isinstance(answer, Problem)), None)
    if refused is not None:
        raise refused
    past = [one for one in imported if one.is_over]
    if past:
        await recall(tx, past)


def _check(one: Imported) -> None:
    """What cannot be history. Raises BadInput."""
    if not one.is_over:
        return
    if one.new.placed_at is None:
        raise read.expected("placed_at", "when it was placed: what is over has its own time")
    if one.ended_at is not None and one.ended_at < one.new.placed_at:
        raise read.expected("ended_at", "a time after placed_at")
    for number, line in enumerate(one.new.lines, start=1):
        gone = one.returned.get(number, 0) + one.canceled.get(number, 0)
        if gone > line.quantity:
            raise read.expected(f"lines[{number - 1}]", f"at most {line.quantity} returned and canceled")
