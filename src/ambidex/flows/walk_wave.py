"""Waves: works to be sent from one place are picked in one walk, each unit scanned into the tote of its order.

The wave is locked first, then the order whose unit it is: two people in one wave never put the same unit twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from ambidex.domains import catalogue, fulfillment, waves
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.waves import Limits, Need, Put, ToteTaken, Wave, WaveId, WaveState, WaveVerb, WorkKey
from ambidex.flows.accept_work import accept_work
from ambidex.flows.pick import pick
from ambidex.flows.short_pick import short_pick
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId, child_id, parse_child_id
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.waves import PICKABLE, WavePage, candidates, was_missed, wave_page
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

MOVED_BY = frozenset(
    {
        "fulfillment.canceled", "fulfillment.taken-back", "fulfillment.refused", "fulfillment.lapsed",
        "fulfillment.came-up-short", "fulfillment.units-dropped", "fulfillment.picked",
    }
)  # fmt: skip
_STAYS = PICKABLE | {"offered", "picked", "packed", "dispatched", "delivered"}


class Takes(StrEnum):
    """Which works a plan takes: those the place accepted, or also those it was offered, accepting them now."""

    ACCEPTED = "accepted"
    OFFERED_TOO = "offered_too"


@dataclass(frozen=True, slots=True)
class Landed:
    """Where a scanned unit goes: a tote of the wave; `is_new` is false for a key that was sent before."""

    wave: Wave
    tote_no: int
    is_new: bool = True


async def plan_waves(
    tx: Tx, *, location_id: LocationId, limits: Limits, takes: Takes = Takes.ACCEPTED
) -> list[Wave]:
    """All works of a place that wait for a walk, by cut-off, carrier and size. Raises NothingToWave."""
    states = ["accepted"] if takes is Takes.ACCEPTED else ["accepted", "offered"]
    found = await candidates(tx, location_id, states=states)
    grouped = waves.group(found, limits)
    planned = await waves.plan(tx, location_id, grouped)
    if takes is Takes.OFFERED_TOO:
        offered = {key for wave in planned for key in (member.key for member in wave.members)}
        await _accept_all(tx, sorted(offered))
    return planned


async def _accept_all(tx: Tx, keys: Sequence[WorkKey]) -> None:
    """In order of the orders' ids, as everybody locks them; what somebody accepted before stays theirs."""
    _ = [await _accept(tx, key) for key in keys]


async def _accept(tx: Tx, key: WorkKey) -> Work:
    work = await fulfillment.work(tx, *key)
    return await accept_work(tx, work_id=work.id) if work.state is WorkState.OFFERED else work


async def release_wave(tx: Tx, *, wave_id: WaveId) -> Wave:
    """The walk may begin."""
    return await waves.release(tx, await waves.lock(tx, wave_id))


async def pick_in_wave(tx: Tx, *, wave_id: WaveId, proof: Proof) -> Landed:
    """A unit in hand goes into the tote of the first order that lacks it. The same key again changes nothing."""
    wave = await waves.lock(tx, wave_id)
    before = await waves.put_before(tx, wave, key=proof.key, barcode=proof.barcode)
    if before is not None:
        return Landed(wave, before, is_new=False)
    page = await wave_page(tx, wave_id)
    item = await catalogue.by_barcode(tx, proof.barcode)
    item_id = None if item is None else item.item_id
    known = any(line.item_id == item_id for line in page.lines)
    need = waves.tote_for(page.needs, item_id, units=proof.quantity, known=known)
    wave = await waves.begin(tx, wave)
    keyed = replace(proof, key=proof.key or str(tx.new_id()))
    await pick(tx, work_id=child_id(need.order_id, need.work_no), proofs=[keyed])
    wave = await waves.put(tx, wave, Put(need, keyed))
    taken = [replace(one, units=one.units - proof.quantity) if one == need else one for one in page.needs]
    left = [one for one in taken if one.units > 0]
    return Landed(await _settle(tx, wave, gone=_left(page), needs=left), need.tote_no)


async def short_in_wave(
    tx: Tx, *, wave_id: WaveId, sku: str, quantity: int, reason: str, key: str = ""
) -> Wave:
    """So many units of an item are not to be found: as few orders as possible go without, and each is served anew.

    The same key again changes nothing: other orders do not go without for what was missed once.
    """
    wave = await waves.lock(tx, wave_id)
    item = (await catalogue.by_skus(tx, [sku])).get(sku)
    if item is None:
        raise BadInput(errors=[{"field": "item", "expected": "an item of this wave"}])
    if await was_missed(tx, wave_id, item.item_id, key=key):
        return wave
    wave = await waves.begin(tx, wave)
    page = await wave_page(tx, wave_id)
    lacking = waves.lacking(page.needs, item.item_id, units=quantity)
    _ = [await _go_without(tx, *one, reason=reason, key=key) for one in lacking]
    return await _follow(tx, wave)


async def _go_without(tx: Tx, need: Need, units: int, *, reason: str, key: str) -> Work:
    return await short_pick(
        tx,
        work_id=child_id(need.order_id, need.work_no),
        line_no=need.line_no,
        quantity=units,
        reason=reason,
        key=f"{key}:{need.tote_no}" if key else "",
    )


async def name_tote(tx: Tx, *, wave_id: WaveId, tote_no: int, label: str) -> Wave:
    """The label of an empty tote was scanned for an order. Raises ToteTaken while goods lie in it."""
    wave = await waves.lock(tx, wave_id)
    text = label.strip().upper()
    last = await waves.last_in(tx, wave.location_id, text) if text else None
    if last is not None and wave.member_of(last) is None:
        await _must_be_empty(tx, last, text)
    return await waves.name_tote(tx, wave, tote_no, label=text)


async def _must_be_empty(tx: Tx, last: WorkKey, label: str) -> None:
    work = await fulfillment.work(tx, *last)
    if work.state in {WorkState.ACCEPTED, WorkState.PICKING, WorkState.PICKED}:
        raise ToteTaken(tote=label)


async def cancel_wave(tx: Tx, *, wave_id: WaveId) -> Wave:
    """Its works are picked one by one, or walk in another wave; what is in totes stays there."""
    return await waves.end(tx, await waves.lock(tx, wave_id), WaveVerb.CANCEL)


async def leave_waves(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """Works that are not done here any more leave their walk; a walk with nothing left to pick is over."""
    keys = {key for event in events if (key := _work_of(event)) is not None}
    _ = [await _look(tx, wave_id) for wave_id in await waves.open_waves_of(tx, sorted(keys))]


async def _look(tx: Tx, wave_id: WaveId) -> Wave:
    return await _follow(tx, await waves.lock(tx, wave_id))


def _work_of(event: StoredEvent) -> WorkKey | None:
    return parse_child_id(event.subject.id)


async def _follow(tx: Tx, wave: Wave) -> Wave:
    """What became of the works: those that ended leave, and after the last unit the wave is done."""
    if wave.state in {WaveState.DONE, WaveState.CANCELED}:
        return wave
    page = await wave_page(tx, wave.wave_id)
    return await _settle(tx, wave, gone=_left(page), needs=page.needs)


async def _settle(tx: Tx, wave: Wave, *, gone: Mapping[WorkKey, str], needs: Sequence[Need]) -> Wave:
    wave = await waves.leave(tx, wave, gone)
    is_over = wave.state is not WaveState.PLANNED and not needs
    if is_over or not wave.inside:
        verb = WaveVerb.FINISH if is_over else WaveVerb.CANCEL
        return await waves.end(tx, wave, verb)
    return wave


def _left(page: WavePage) -> dict[WorkKey, str]:
    gone = [tote for tote in page.totes if tote.is_in and tote.state not in _STAYS]
    return {(tote.order_id, tote.work_no): f"the work is {tote.state}" for tote in gone}
