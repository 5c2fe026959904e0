"""Decisions of waves, pure: which works walk together, which tote a unit goes into, and who lacks what is not there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from heapq import heapify, heappop, heappush

from ambidex.domains.waves import problems
from ambidex.domains.waves.model import WAVE, Candidate, Grouped, Limits, Need, Wave, WaveVerb, WorkKey
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass

_Batch = tuple[str, datetime | None]
_Leaving = tuple[bool, float, str, int]
_Entry = tuple[int, _Leaving, WorkKey]


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
    batches: dict[_Batch, _Walks] = {}
    waiting = sorted(works, key=_by_leaving)
    for work in waiting:
        batches.setdefault(_batch(work), _Walks()).add(work)
    waves = []
    for seed in waiting:
        walks = batches[_batch(seed)]
        if seed.key in walks.left:
            chosen = walks.fill(seed, limits)
            waves.append(Grouped(seed.carrier, seed.leaves_at, tuple(sorted(chosen, key=_by_leaving))))
    return waves


class _Walks:
    """The works of one batch that still wait, by the stops they have."""

    def __init__(self) -> None:
        self.left: dict[WorkKey, Candidate] = {}
        self._at: dict[str, set[WorkKey]] = {}
        self._rank: dict[WorkKey, _Leaving] = {}

    def add(self, work: Candidate) -> None:
        self.left[work.key] = work
        self._rank[work.key] = _by_leaving(work)
        for stop in work.stops:
            self._at.setdefault(stop, set()).add(work.key)

    def fill(self, seed: Candidate, limits: Limits) -> list[Candidate]:
        """Take a wave that begins with this work. Each step asks only the works whose stops the last one reached."""
        chosen, load = [self._take(seed)], _Load(seed.units, seed.grams)
        new = {key: len(work.stops) for key, work in self.left.items()}
        queue = [(count, self._rank[key], key) for key, count in new.items()]
        self._reach(seed.stops, new, queue)
        heapify(queue)
        stops = set(seed.stops)
        while queue and len(chosen) < limits.orders:
            count, _, key = heappop(queue)
            work = self.left.get(key)
            if work is None or new[key] != count or not load.carries(work, limits):
                continue
            chosen.append(self._take(work))
            load = load.with_more(work)
            for entry in self._reach(work.stops - stops, new, []):
                heappush(queue, entry)
            stops |= work.stops
        return chosen

    def _take(self, work: Candidate) -> Candidate:
        del self.left[work.key]
        for stop in work.stops:
            self._at[stop].discard(work.key)
        return work

    def _reach(self, stops: Iterable[str], new: dict[WorkKey, int], queue: list[_Entry]) -> list[_Entry]:
        """These stops are on the way now: works that have them add fewer."""
        for stop in stops:
            for key in self._at[stop]:
                new[key] -= 1
                queue.append((new[key], self._rank[key], key))
        return queue


@dataclass(frozen=True, slots=True)
class _Load:
    """What a walk carries so far."""

    units: int
    grams: int

    def carries(self, more: Candidate, limits: Limits) -> bool:
        fits = self.units + more.units <= limits.units
        return fits and (limits.grams is None or self.grams + more.grams <= limits.grams)

    def with_more(self, more: Candidate) -> _Load:
        return _Load(self.units + more.units, self.grams + more.grams)


def _batch(work: Candidate) -> _Batch:
    return work.carrier, work.leaves_at


def _by_leaving(work: Candidate) -> _Leaving:
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
