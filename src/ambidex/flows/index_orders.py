"""Orders become findable a moment after they were placed, their customer's details changed, or a parcel got its number."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import search
from ambidex.reads.find_documents import documents
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

FOUND_AFTER = frozenset({"orders.placed", "orders.contact-changed", "shipping.label-made"})


async def index_orders(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction: index the orders of these events."""
    order_ids = sorted({event.order_id for event in events if event.order_id is not None})
    await search.index(tx, await documents(tx, order_ids))
