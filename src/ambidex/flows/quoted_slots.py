"""A held quote takes the slots of the works to come, as an order does, and gives them back with its units.

It stands in them under its own id, for each part; the order that names it takes them over, in the transaction that
places it. Once its time is over it claims nothing, swept or not. What is sent to a store takes a slot when it is there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from ambidex.domains import capacity
from ambidex.domains.capacity import Wanted
from ambidex.domains.quotes import Quote
from ambidex.flows.quote import Answer
from ambidex.flows.quote_options import Option
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Again


async def take(tx: Tx, answer: Answer, chosen: Option, *, until: datetime) -> None:
    """Keep the slots of an option. Raises Again when one was filled since the look: then limits are locked before it."""
    calendar, basket = answer.view.words.calendar, answer.view.basket
    if calendar is None or chosen.sent_to is not None:
        return
    by, method = OrderId(answer.view.quote_id), chosen.method.value
    wanted = [
        (
            Wanted(by, no, share.place.location_id, method, basket.channel, share.leaves_at or share.due_at),
            share.place.zone,
        )
        for no, share in enumerate(chosen.shares, start=1)
        if calendar.concerns(share.place)
    ]
    if not await capacity.try_book(tx, calendar.book, wanted, until=until):
        raise Again


async def give_back(tx: Tx, quotes: Iterable[Quote]) -> None:
    """The slots of these quotes are free, or their orders'."""
    works = [(OrderId(one.quote_id), no) for one in quotes for no in range(1, len(one.promised.parts) + 1)]
    await capacity.release(tx, works)


async def forget(tx: Tx, quote_ids: Collection[UUID]) -> None:
    """Quotes that are purged leave no slot behind."""
    await capacity.change.forget(tx, [OrderId(quote_id) for quote_id in quote_ids])
