"""A held quote is let go of before its time, another takes its place, or it is over for so long that it is forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from ambidex.domains import inventory, quotes
from ambidex.domains.inventory import Place
from ambidex.domains.quotes import Quote
from ambidex.flows import quoted_slots
from ambidex.kernel.actor import Permission
from ambidex.reads.quotes import live_holds
from ambidex.runtime.db import Tx

FORGOTTEN_AT_ONCE = 500


async def let_go(tx: Tx, quote_id: UUID, *, why: str = "let go") -> None:
    """What was held is free again. A quote that was settled before is no fault. Raises UnknownQuote, NotAllowed."""
    tx.actor.must(Permission.ORDERS_PLACE)
    gone = await settle(tx, quote_id, why=why)
    if gone is not None:
        await inventory.release_holds(tx, gone.holds)


async def settle(tx: Tx, quote_id: UUID, *, why: str) -> Quote | None:
    """The quote, let go of, with its slots; its units are held still. None when it was settled before."""
    gone = await quotes.let_go(tx, quote_id, why=why)
    if gone is not None:
        await quoted_slots.give_back(tx, [gone])
    return gone


async def still_held(tx: Tx, quote: Quote | None) -> Counter[Place]:
    """Units by position that this quote holds still."""
    found: Counter[Place] = Counter()
    if quote is not None:
        live = await live_holds(tx, quote.holds)
        for part in quote.promised.parts:
            for one in part.held:
                found[one.item_id, part.location_id] += one.units if one.hold_id in live else 0
    return found


async def forget_quotes(tx: Tx, *, kept_for: timedelta) -> bool:
    """A loop: quotes that are over for so long are not known any more; whether there may be more."""
    gone = await quotes.purge(tx, before=tx.now - kept_for, limit=FORGOTTEN_AT_ONCE)
    await quoted_slots.forget(tx, gone)
    return len(gone) == FORGOTTEN_AT_ONCE
