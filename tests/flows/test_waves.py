"""One walk for many orders: who joins, which tote a unit goes into, what happens when it is not there or not wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ambidex.domains import waves
from ambidex.flows.cancel import cancel
from ambidex.flows.pick import pick
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.walk_wave import Takes, cancel_wave, name_tote, release_wave, short_in_wave
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.reads.audit import audit
from ambidex.reads.waves import open_waves, waiting_works, wave_page
from ambidex.runtime.db import PinnedDatabase
from ambidex.runtime.reactions import settle
from bench.writes import counted
from tests.flows.waves import SENDS, Floor
from tests.shop import Shop, associate


@pytest.fixture
async def floor(shop: Shop) -> AsyncIterator[Floor]:
    """Camden has mugs and kettles; whatever a test did, the invariants hold at its end."""
    await shop.place("camden", capabilities=SENDS)
    await shop.shelf("camden", "MUG-01", 9)
    await shop.shelf("camden", "KETTLE-02", 4)
    yield Floor(shop)
    await settle(shop.run, REACTIONS)
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


async def code_of(refused: object) -> str:
    with pytest.raises(Problem) as said:
        await refused  # type: ignore[misc]  # a call of a flow
    return said.value.code


async def seen(floor: Floor, wave: waves.Wave) -> waves.Wave:
    async with floor.run.reading() as read:
        return await waves.wave(read, wave.wave_id)


async def test_units_go_into_the_tote_of_their_order_and_the_last_one_ends_the_walk(floor: Floor) -> None:
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", mug_01=1, kettle_02=1)
    wave = await floor.walk()
    assert (wave.number, wave.state.value, len(wave.members)) == (1, "released", 2)
    totes = [(await floor.scan(wave, sku)).tote_no for sku in ("MUG-01", "KETTLE-02", "MUG-01")]
    assert totes == [1, floor.tote_of(wave, "W-2"), 2]
    assert await floor.states() == {"W-1": "picked", "W-2": "picked"}
    assert (await seen(floor, wave)).state.value == "done"
    assert await code_of(floor.scan(wave)) == "wave-over-scan"


async def test_a_wave_takes_what_is_accepted_and_a_work_walks_once(floor: Floor) -> None:
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", accepted=False, mug_01=1)
    [first] = await floor.plan()
    assert len(first.members) == 1
    assert await code_of(floor.plan()) == "nothing-to-wave"
    [second] = await floor.plan(Takes.OFFERED_TOO)
    assert (second.number, await floor.states()) == (2, {"W-1": "accepted", "W-2": "accepted"})
    async with floor.run.reading() as read:
        assert [row.number for row in await open_waves(read, [floor.here])] == [1, 2]
        assert await waiting_works(read, [floor.here]) == []
    await floor.run.perform(floor.ines, cancel_wave, wave_id=second.wave_id)
    [third] = await floor.plan()
    assert third.members[0].key == second.members[0].key, "who left a wave may walk in the next one"


async def test_a_key_sent_twice_puts_one_unit(floor: Floor) -> None:
    await floor.order("W-1", mug_01=2)
    wave = await floor.walk()
    assert (await floor.scan(wave, key="s-1")).is_new
    again = await floor.scan(wave, key="s-1")
    assert (again.tote_no, again.is_new) == (1, False)
    assert await code_of(floor.scan(wave, "KETTLE-02", key="s-1")) == "wave-key-reused"
    async with floor.run.reading() as read:
        assert (await wave_page(read, wave.wave_id)).picked == 1


async def test_a_stranger_and_one_too_many_are_refused(floor: Floor) -> None:
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", kettle_02=1)
    wave = await floor.walk()
    await floor.shop.item("VASE-03")
    assert await code_of(floor.scan(wave, "VASE-03")) == "not-in-this-wave"
    assert await code_of(floor.scan(wave, "NOBODY-KNOWS")) == "not-in-this-wave"
    await floor.scan(wave)
    assert await code_of(floor.scan(wave)) == "wave-over-scan"


async def test_what_is_not_found_hurts_one_order_and_the_walk_goes_on(floor: Floor) -> None:
    await floor.order("W-1", mug_01=2)
    await floor.order("W-2", mug_01=1, kettle_02=1)
    wave = await floor.walk()
    await floor.run.perform(
        floor.ines, short_in_wave, wave_id=wave.wave_id, sku="MUG-01", quantity=2, reason="shelf is empty", key="k"
    )  # fmt: skip
    states = await floor.states()
    assert states["W-1"] != "accepted", "the order that lacked exactly two goes without"
    assert states["W-2"] == "accepted"
    [inside] = (await seen(floor, wave)).inside
    assert inside.order_id == floor.orders["W-2"]
    await floor.scan(wave)
    await floor.scan(wave, "KETTLE-02")
    assert (await seen(floor, wave)).state.value == "done"


async def test_what_was_missed_once_is_missed_once_however_often_it_is_sent(floor: Floor) -> None:
    for number in range(3):
        await floor.order(f"W-{number}", mug_01=1)
    wave = await floor.walk()
    for _ in range(2):
        await floor.run.perform(
            floor.ines, short_in_wave, wave_id=wave.wave_id, sku="MUG-01", quantity=1, reason="empty", key="k"
        )
    assert len((await seen(floor, wave)).inside) == 2, "only one order goes without"


async def test_a_canceled_order_leaves_the_walk(floor: Floor) -> None:
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", mug_01=1)
    wave = await floor.walk()
    await floor.run.perform(SYSTEM, cancel, order_id=floor.orders["W-1"], reason="changed their mind")
    landed = await floor.scan(wave)
    assert landed.tote_no == floor.tote_of(wave, "W-2"), "nothing is put into the tote of who left"
    await settle(floor.run, REACTIONS)
    after = await seen(floor, wave)
    by_order = {m.order_id: (m.is_in, bool(m.why)) for m in after.members}
    assert by_order == {floor.orders["W-1"]: (False, True), floor.orders["W-2"]: (True, False)}
    assert after.state.value == "done"


async def test_what_was_picked_alone_ends_the_walk_too(floor: Floor) -> None:
    work_id = await floor.order("W-1", mug_01=1)
    wave = await floor.walk()
    await floor.run.perform(floor.ines, pick, work_id=work_id, proofs=[Proof(EvidenceKind.SCAN, "B-MUG-01")])
    await settle(floor.run, REACTIONS)
    assert (await seen(floor, wave)).state.value == "done"


async def test_a_tote_holds_one_order_until_it_is_empty(floor: Floor) -> None:
    await floor.order("W-1", mug_01=1)
    await floor.order("W-2", mug_01=1)
    wave = await floor.walk()

    async def named(wave: waves.Wave, tote_no: int, label: str = "tote-07") -> waves.Wave:
        return await floor.run.perform(
            floor.ines, name_tote, wave_id=wave.wave_id, tote_no=tote_no, label=label
        )

    assert (await named(wave, 1)).members[0].tote == "TOTE-07"
    assert await code_of(named(wave, 2)) == "tote-taken"
    assert await code_of(named(wave, 9)) == "unknown-tote"
    await floor.scan(wave)
    await floor.scan(wave)
    await floor.order("W-3", mug_01=1)
    later = await floor.walk()
    assert await code_of(named(later, 1)) == "tote-taken", "the goods of the first order still lie in it"


async def test_only_people_of_the_place_walk_there(floor: Floor) -> None:
    await floor.shop.place("harbor")
    await floor.order("W-1", mug_01=1)
    [wave] = await floor.plan()
    stranger = associate(floor.shop.places["harbor"], "Tomás Ruiz", actor_id="tomas")
    with pytest.raises(NotAllowed):
        await floor.run.perform(stranger, release_wave, wave_id=wave.wave_id)
    assert await code_of(floor.scan(wave)) == "wrong-wave-state", "it was not released"


async def test_a_scan_looks_at_the_wave_once(floor: Floor) -> None:
    """All lines of a wave are read once a scan, however it ends."""
    for number in range(3):
        await floor.order(f"W-{number}", mug_01=1)
    wave = await floor.walk()
    assert isinstance(floor.run.database, PinnedDatabase)
    for _ in range(3):
        async with counted(floor.run.database.pinned) as writes:
            await floor.scan(wave)
        assert sum("waves.works" in one and "i.counted_scans" in one for one in writes.said) == 1
    assert (await seen(floor, wave)).state.value == "done"
