"""Why an order travels in more than one part, as its first routing knew it: nobody had all of it, or two were better."""

from __future__ import annotations

from enum import StrEnum

from ambidex.domains import routing
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read


class WhySplit(StrEnum):
    """`NOT_ASKED`: the parts were not chosen by routing. `CAME_UP_SHORT`: one place began, another had to help."""

    NOT_ASKED = ""
    NOBODY_HAS_ALL = "nobody has all"
    BETTER_SO = "better so"
    CAME_UP_SHORT = "came up short"


# these decide for all that the customer is to have, not for what a place gave back
_OF_THE_WHOLE = frozenset({"placed", "quoted", "window", "sent_again", "to_store"})


async def why_split(read: Read, order_id: OrderId) -> WhySplit:
    """From what was known at the first decision that chose more than one place."""
    every = await routing.ask.receipts(read, order_id)
    decided = next((one for one in every if len(one.receipt["chosen"]["parts"]) > 1), None)
    if decided is None:
        helped = any(one.cause not in _OF_THE_WHOLE for one in every)
        return WhySplit.CAME_UP_SHORT if helped else WhySplit.NOT_ASKED
    could = await routing.ask.one_place_could(read, decided)
    return WhySplit.BETTER_SO if could else WhySplit.NOBODY_HAS_ALL
