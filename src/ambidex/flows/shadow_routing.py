"""A version in shadow: beside every decision, what it would have decided from the same facts."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains import routing
from ambidex.domains.routing import Policy
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

ask, trials, stored = routing.ask, routing.trials, routing.stored
DECIDED_BY = frozenset({"orders.placed", "routing.routed"})


async def shadow_decisions(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Keep what the shadow of each decision's brand would have done; without a shadow it costs one look."""
    book = await routing.rulebook(tx)
    if not book.shadow:
        return
    keys = [(event.order_id, _receipt_no(event)) for event in events if event.order_id is not None]
    decided = await ask.receipts_by(tx, keys)
    seen = [one for one in decided if one.brand in book.shadow]
    policies = await ask.policies(tx, [(one.brand, one.version) for one in seen])
    found = [
        _shadow(one, book.shadow[one.brand], by=policies[one.brand, one.version])
        for one in seen
        if (one.brand, one.version) in policies
    ]
    await routing.change.keep_shadows(tx, found)


def _receipt_no(event: StoredEvent) -> int:
    return int(event.payload.get("receipt_no", 1))


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
