"""What keeps stock in order beside the work: holds are let go, and positions are rebuilt from what they sum up."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from ambidex.domains.inventory import commands, queries, rules, store
from ambidex.domains.inventory.model import Hold, Place, Settled
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

Row = dict[str, Any]


async def expire_holds(tx: Tx, *, limit: int) -> int:
    """Let go of holds that have expired, so that who follows the stock hears of it; how many places changed.

    Nothing depends on it for being right: an expired hold claims nothing.
    """
    places = await queries.expired_places(tx, limit)
    if places:
        await commands.lock_stock(tx, places)
    return len(places)


async def release_hold(tx: Tx, item_id: ItemId, hold_id: UUID) -> bool:
    """Let go of a hold; False when it was let go before, which is no fault."""
    return bool(await release_holds(tx, {hold_id: item_id}))


async def release_holds(tx: Tx, holds: Mapping[UUID, ItemId]) -> list[Hold]:
    """The same for a list; those that were open until now, expired or not."""
    gone = await store.end_holds(tx, holds)
    await commands.settle(tx, await store.shift(tx, store.UNHOLD, rules.sums(gone)), cause="hold released")
    return gone


async def rebuild(tx: Tx, places: Collection[Place]) -> list[Settled]:
    """Make these positions what their ledger, reservations and holds say, under their locks; those that differed.

    Their shorts are settled too: they cover exactly what claims exceed the shelf by.
    """
    suspected = sorted(await _differing(tx, places))
    if not suspected:
        return []
    none = [None] * len(suspected)
    await store.need_positions(tx, suspected, safety=none, spots=none)
    await store.look(tx, suspected)
    wrong = await _differing(tx, suspected)
    before = {place: said for place, (said, _) in wrong.items()}
    rebuilt = await store.rebuild(tx, {place: so for place, (_, so) in wrong.items()})
    shifted = [replace(s, was_gap=before[s.place]["short"]) for s in rebuilt]
    changes = await commands.settle(tx, shifted, cause="rebuilt")
    return [
        Settled(*place, *changes.get(place, ((), ())), differences=tuple(rules.differences(said, so)))
        for place, (said, so) in sorted(wrong.items())
    ]


async def _differing(tx: Tx, places: Collection[Place]) -> dict[Place, tuple[Row, Row]]:
    """Where the position and what it sums up differ. Without locks only a suspicion."""
    is_so, said = await queries.summed(tx, places), await queries.said(tx, places)
    nothing = dict.fromkeys(next(iter(is_so.values()), {}), None)
    return {
        place: (said.get(place, nothing), so) for place, so in is_so.items() if said.get(place, nothing) != so
    }
