"""Why an order travels in more than one part, as its first routing knew it: nobody had all of it, or two were better."""

from __future__ import annotations

from enum import StrEnum

from ambidex.domains import routing
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read


class WhySplit(StrEnum):
    """`NOT_ASKED`: the parts were not chosen by routing, or not together."""

    NOT_ASKED = ""
    NOBODY_HAS_ALL = "nobody has all"
    BETTER_SO = "better so"


async def why_split(read: Read, order_id: OrderId) -> WhySplit:
    """From what was known at the first decision that chose more than one place."""
    every = await routing.ask.receipts(read, order_id)
    decided = next((one for one in every if len(one.receipt["chosen"]["parts"]) > 1), None)
    if decided is None:
        return WhySplit.NOT_ASKED
    could = await routing.ask.one_place_could(read, decided)
    return WhySplit.BETTER_SO if could else WhySplit.NOBODY_HAS_ALL
