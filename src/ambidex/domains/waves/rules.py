"""Decisions of waves, pure: which works walk together, which tote a unit goes into, and who lacks what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from ambidex.domains.waves import problems
from ambidex.domains.waves.model import WAVE, Candidate, Grouped, Limits, Need, Wave, WaveVerb
from ambidex.kernel.ids import ItemId

_Batch = tuple[str, datetime | None]


def must_allow(wave: Wave, verb: WaveVerb) -> None:
    """Refuse unless the verb can be said in this state."""
    if not WAVE.allows(wave.state, verb):
        raise problems.WaveIsOver(f"{verb.value} does not follow {wave.state.value}", state=wave.state.value)


def must_hold(limits: Limits) -> None:
    """Refuse a wave that could carry nothing."""
    if min(limits.orders, limits.units, limits.grams or 1) < 1:
        raise problems.BadLimits(errors=[{"field": "limits", "expected": "1 or more"}])


def group(works: Iterable[Candidate], limits: Limits) -> list[Grouped]:
    """Waves by cut-off and carrier, each filled with the works that add the fewest new stops to its walk.

    The first of a wave leaves first (seed batching: de Koster, Le-Duc, Roodbergen, "Design and control of warehouse
    order picking", 2007, section 6.2). A work above the limits walks alone: no order waits for ever.
    """
    must_hold(limits)
    waiting = sorted(works, key=_by_leaving)
    waves = []
    while waiting:
        seed = waiting[0]
        chosen = _fill(seed, [w for w in waiting if _batch(w) == _batch(seed)], limits)
        taken = {work.key for work in chosen}
        waiting = [work for work in waiting if work.key not in taken]
        waves.append(Grouped(seed.carrier, seed.leaves_at, tuple(sorted(chosen, key=_by_leaving))))
    return waves


def _fill(seed: Candidate, others: Sequence[Candidate], limits: Limits) -> list[Candidate]:
    chosen, stops = [seed], set(seed.stops)
    left = [work for work in others if work.key != seed.key]
    while fitting := [work for work in left if _fits(chosen, work, limits)]:
        best = min(fitting, key=lambda work: (len(work.stops - stops), _by_leaving(work)))
        chosen.append(best)
        stops |= best.stops
        left = [work for work in left if work.key != best.key]
    return chosen


def _fits(chosen: Sequence[Candidate], more: Candidate, limits: Limits) -> bool:
    every = [*chosen, more]
    return (
        len(every) <= limits.orders
        and sum(work.units for work in every) <= limits.units
        and (limits.grams is None or sum(work.grams for work in every) <= limits.grams)
    )


def _batch(work: Candidate) -> _Batch:
    return work.carrier, work.leaves_at


def _by_leaving(work: Candidate) -> tuple[bool, float, str, int]:
    at = work.leaves_at
    return at is None, 0.0 if at is None else at.timestamp(), str(work.order_id), work.work_no


def stops_of(waves: Iterable[Grouped]) -> int:
    """How often somebody stops at a shelf when these waves are walked."""
    return sum(len(frozenset().union(*(work.stops for work in wave.works))) for wave in waves)


def tote_for(needs: Sequence[Need], item_id: ItemId | None, *, units: int, known: bool) -> Need:
    """The first tote that lacks this item. `known`: some order of the wave has it, be it complete."""
    of_item = [need for need in needs if need.item_id == item_id and need.units > 0]
    if not of_item:
        raise problems.EnoughOfIt if known else problems.NotInThisWave
    found = next((need for need in sorted(of_item, key=_by_tote) if need.units >= units), None)
    if found is None:
        raise problems.EnoughOfIt(left=sum(need.units for need in of_item))
    return found


def lacking(needs: Sequence[Need], item_id: ItemId, *, units: int) -> list[tuple[Need, int]]:
    """Which totes go without, so that as few orders as possible are hurt: the one that fits exactly, else the latest."""
    of_item = sorted((n for n in needs if n.item_id == item_id and n.units > 0), key=_by_tote, reverse=True)
    if not 1 <= units <= sum(need.units for need in of_item):
        raise problems.NothingMissing(left=sum(need.units for need in of_item))
    exact = next((need for need in of_item if need.units == units), None)
    if exact is not None:
        return [(exact, units)]
    shares = []
    for need in sorted(of_item, key=lambda n: n.units, reverse=True):
        share = min(units, need.units)
        if share:
            shares.append((need, share))
            units -= share
    return shares


def _by_tote(need: Need) -> tuple[int, int]:
    return need.tote_no, need.line_no
