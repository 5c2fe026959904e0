"""Why an order travels in more than one part, as its first routing knew it: nobody had all of it, or two were better."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from ambidex.domains import routing
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read


class WhySplit(StrEnum):
    """`NOT_ASKED`: the parts were not chosen by routing, or not together."""

    NOT_ASKED = ""
    NOBODY_HAS_ALL = "nobody has all"
    BETTER_SO = "better so"


async def why_split(read: Read, order_id: OrderId) -> WhySplit:
    """From the stored snapshot of the first decision that chose more than one place."""
    for stored in await routing.ask.receipts(read, order_id):
        if len(stored.receipt["chosen"]["parts"]) > 1:
            return WhySplit.BETTER_SO if somebody_has_all(stored.snapshot) else WhySplit.NOBODY_HAS_ALL
    return WhySplit.NOT_ASKED


def somebody_has_all(snapshot: Mapping[str, Any]) -> bool:
    """Whether one place that could send had every unit of every line."""
    wanted = [line["units"] for line in snapshot["demand"]["lines"]]
    out = snapshot["out"]
    return any(
        code not in out and all(row[at] >= units for row, units in zip(snapshot["free"], wanted, strict=True))
        for at, code in enumerate(snapshot["sites"]["code"])
    )
