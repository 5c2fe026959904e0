"""What keeps stock in order beside the work: expired holds are told, and positions are rebuilt from what they sum up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ambidex.domains.inventory import commands, queries, rules, store
from ambidex.domains.inventory.model import Place, Settled
from ambidex.runtime.db import Tx


async def expire_holds(tx: Tx, *, limit: int) -> int:
    """Let go of holds that have expired, so that who follows the stock hears of it; how many places changed.

    Nothing depends on it for being right: an expired hold claims nothing.
    """
    places = await queries.expired_places(tx, limit)
    if places:
        await commands.lock_stock(tx, places)
    return len(places)


async def rebuild(tx: Tx, places: Collection[Place]) -> list[Settled]:
    """Make these positions what their ledger, reservations and holds say, under their locks; those that differed.

    Their shorts are settled too: they cover exactly what claims exceed the shelf by.
    """
    ordered = sorted(set(places))
    await store.need_positions(tx, ordered, safety=[None] * len(ordered), spots=[None] * len(ordered))
    await store.look(tx, ordered)
    is_so, said = await queries.summed(tx, ordered), await queries.said(tx, ordered)
    wrong = {place: is_so[place] for place in ordered if said[place] != is_so[place]}
    if not wrong:
        return []
    rebuilt = [replace(s, was_gap=said[s.place]["short"]) for s in await store.rebuild(tx, wrong)]
    changes = await commands.settle(tx, rebuilt, cause="rebuilt")
    return [
        Settled(*place, *changes.get(place, ((), ())), differences=tuple(rules.differences(said[place], so)))
        for place, so in wrong.items()
    ]
