"""A version in shadow: beside every decision, what it would have decided from the same facts."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import routing
from ambidex.domains.routing import Policy
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent, told

ask, trials, stored = routing.ask, routing.trials, routing.stored
Rulebook = routing.versions.Rulebook
# more ways of sending than an order can have
WAYS_MAX = 8
DECIDED_BY = frozenset({"orders.placed", "routing.routed"})


async def shadow_decisions(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Keep what the shadow of each decision's brand would have done; without a shadow it costs one look."""
    book = await routing.rulebook(tx)
    if not book.shadow:
        return
    keys = [
        (event.order_id, number)
        for event in await told(tx, events)
        if event.order_id is not None
        for number in _receipt_nos(event)
    ]
    decided = await ask.receipts_by(tx, keys)
    seen = [(one, shadow) for one in decided for shadow in _shadows_of(one, book)]
    policies = await ask.policies(tx, [(one.brand, one.version) for one, _ in seen])
    found = [
        _shadow(one, shadow, by=policies[one.brand, one.version])
        for one, shadow in seen
        if (one.brand, one.version) in policies
    ]
    await routing.change.keep_shadows(tx, found)


def _receipt_nos(event: StoredEvent) -> range:
    """Of a placed order all that it has, one for each way it is sent: kept once, however often they are seen."""
    first = int(event.payload.get("receipt_no", 1))
    return range(first, first + (WAYS_MAX if event.name == "orders.placed" else 1))


def _shadows_of(one: ask.StoredReceipt, book: Rulebook) -> list[Policy]:
    """The shadow beside what decided, and that of the order's own brand, which may have no live version yet."""
    brands = {one.brand, one.snapshot["demand"]["brand"]}
    return [book.shadow[brand] for brand in sorted(brands) if brand in book.shadow]


def _shadow(one: ask.StoredReceipt, policy: Policy, *, by: Policy) -> trials.Shadow:
    decided, would = stored.plan_of(one.receipt["chosen"]), routing.plan(one.seen_by(policy))
    return trials.Shadow(
        one.order_id,
        one.receipt_no,
        policy.brand,
        policy.number,
        one.decided_at,
        ", ".join(would.sites),
        ", ".join(decided.sites),
        trials.pair(one.seen_by(by), decided, would),
    )
