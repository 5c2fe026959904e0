"""Receipts of routing are forgotten when they are old, with what was known then: they are most of what an order weighs.

Kept in any case: what an open order was decided by, what the night decides once more, and what simulations, shadows and
canaries measure now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from ambidex.domains import routing
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.reads.old_receipts import OldReceipt, old_receipts
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Run

AT_ONCE = 500


class Forgetting:
    """Goes through old receipts from the oldest on, some at a time, and begins again at the end."""

    def __init__(self, kept_for: timedelta, *, at_once: int = AT_ONCE) -> None:
        self._kept_for, self._at_once = kept_for, at_once
        self._after: OldReceipt | None = None

    async def step(self, run: Run) -> bool:
        """The next of them; True while there are more."""
        async with run.reading() as read:
            before = await forgotten_before(read, self._kept_for)
            found = await old_receipts(read, before=before, limit=self._at_once, after=self._after)
        self._after = found[-1] if len(found) == self._at_once else None
        keys = [(one.order_id, one.receipt_no) for one in found if not one.is_needed]
        if keys:
            await run.perform(SYSTEM, forget, keys)
        return self._after is not None


async def forget(tx: Tx, keys: Sequence[tuple[OrderId, int]]) -> int:
    """These receipts; how many there were."""
    return await routing.change.forget_receipts(tx, keys)


async def forgotten_before(read: Read, kept_for: timedelta) -> datetime:
    """Whatever the setting says, yesterday stays, and what is measured now."""
    yesterday = datetime.combine((read.now - timedelta(days=1)).date(), time(), UTC)
    measured = await routing.ask.asked_about_since(read)
    return min(read.now - kept_for, yesterday, measured or yesterday)
