"""What is done to waves. Flows lock the wave first, then the order whose work moves, in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains.waves import events, problems, queries, rules, store
from ambidex.domains.waves.model import Grouped, Put, Wave, WaveId, WaveState, WaveVerb, WorkKey
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.ids import LocationId
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.perform import Again


async def plan(tx: Tx, location_id: LocationId, grouped: Sequence[Grouped]) -> list[Wave]:
    """Works of one place put together for walks. Raises NothingToWave; who plans at the same moment begins again."""
    tx.actor.must(Permission.WORK_DO, at=location_id)
    if not grouped:
        raise problems.NothingToWave
    ids = await store.add(tx, location_id, grouped)
    works = sum(len(one.works) for one in grouped)
    if len(ids) < len(grouped) or await store.join(tx, location_id, ids, grouped) < works:
        raise Again
    waves = await queries.waves_of(tx, ids)
    units = {wave_id: sum(w.units for w in one.works) for wave_id, one in zip(ids, grouped, strict=True)}
    for wave in waves:
        _tell(tx, wave, events.Planned(wave.number, len(wave.members), units[wave.wave_id], wave.carrier))
    return waves


async def lock(tx: Tx, wave_id: WaveId) -> Wave:
    """The wave, locked until the end of the transaction, for who may work at its place. Raises UnknownWave."""
    if not await store.lock(tx, wave_id):
        raise problems.UnknownWave(wave=str(wave_id))
    wave = await queries.wave(tx, wave_id)
    tx.actor.must(Permission.WORK_DO, at=wave.location_id)
    return wave


async def release(tx: Tx, wave: Wave) -> Wave:
    """The walk may begin. Released already: nothing happens."""
    tx.actor.must(Permission.WORK_DO, at=wave.location_id)
    if wave.state in {WaveState.RELEASED, WaveState.PICKING}:
        return wave
    return await _moved(tx, wave, WaveVerb.RELEASE, events.Released(wave.number))


async def put_before(read: Read, wave: Wave, *, key: str, barcode: str) -> int | None:
    """The tote that the scan stored under this key went into. Raises WaveKeyReused for another barcode."""
    known = await store.known_put(read, wave.wave_id, key) if key else None
    if known is None:
        return None
    if known[0] != barcode:
        raise problems.WaveKeyReused(key=key)
    return known[1]


async def put(tx: Tx, wave: Wave, one: Put) -> Wave:
    """A unit went into the tote of its order."""
    tx.actor.must(Permission.WORK_DO, at=wave.location_id)
    rules.must_allow(wave, WaveVerb.PICK)
    await store.add_put(tx, wave, one, key=one.proof.key or str(tx.new_id()))
    need = one.need
    told = events.PutIntoTote(wave.number, need.work_no, need.item_id, need.tote_no, one.proof.quantity)
    _tell(tx, wave, told, order_id=need.order_id)
    return await begin(tx, wave)


async def begin(tx: Tx, wave: Wave) -> Wave:
    """Somebody is on the walk."""
    rules.must_allow(wave, WaveVerb.PICK)
    if wave.state is WaveState.RELEASED:
        await _move(tx, wave, WaveVerb.PICK)
    return await queries.wave(tx, wave.wave_id)


async def name_tote(tx: Tx, wave: Wave, tote_no: int, *, label: str) -> Wave:
    """The label of the real tote an order goes into was scanned. The caller made sure that it is empty."""
    tx.actor.must(Permission.WORK_DO, at=wave.location_id)
    rules.must_allow(wave, WaveVerb.PICK)
    member = next((one for one in wave.inside if one.tote_no == tote_no), None)
    if member is None or not label.strip():
        raise problems.UnknownTote(tote=tote_no)
    if any(one.tote == label and one.tote_no != tote_no for one in wave.inside):
        raise problems.ToteTaken(tote=label)
    await store.name_tote(tx, wave.wave_id, member.key, tote=label)
    told = events.ToteNamed(wave.number, member.work_no, tote_no, label)
    _tell(tx, wave, told, order_id=member.order_id)
    return await queries.wave(tx, wave.wave_id)


async def last_in(read: Read, location_id: LocationId, label: str) -> WorkKey | None:
    """The work whose goods went last into the tote with this label."""
    return await store.last_in(read, location_id, label)


async def open_waves_of(read: Read, keys: Sequence[WorkKey]) -> list[WaveId]:
    """The open waves that these works are in, without a lock."""
    return await store.open_waves_of(read, keys)


async def leave(tx: Tx, wave: Wave, leaving: Mapping[WorkKey, str]) -> Wave:
    """These works are picked here no more, each with why; those that left before stay so."""
    going = {key: why for key, why in leaving.items() if (m := wave.member_of(key)) is not None and m.is_in}
    if not going:
        return wave
    await store.leave(tx, wave.wave_id, going)
    for (order_id, work_no), why in going.items():
        _tell(tx, wave, events.WorkLeft(wave.number, work_no, why), order_id=order_id)
    return await queries.wave(tx, wave.wave_id)


async def end(tx: Tx, wave: Wave, verb: WaveVerb) -> Wave:
    """FINISH: nothing is left to pick; CANCEL: its works are picked one by one after all."""
    tx.actor.must(Permission.WORK_DO, at=wave.location_id)
    to = WaveState.DONE if verb is WaveVerb.FINISH else WaveState.CANCELED
    return await _moved(tx, wave, verb, events.Ended(wave.number, to.value))


async def _moved(tx: Tx, wave: Wave, verb: WaveVerb, event: Event) -> Wave:
    rules.must_allow(wave, verb)
    await _move(tx, wave, verb)
    _tell(tx, wave, event)
    return await queries.wave(tx, wave.wave_id)


async def _move(tx: Tx, wave: Wave, verb: WaveVerb) -> None:
    if not await store.move(tx, wave, verb):
        raise problems.WaveIsOver(state=wave.state.value)


def _tell(tx: Tx, wave: Wave, event: Event, **details: object) -> None:
    tx.announce(wave.ref, event, location_id=wave.location_id, **details)
