"""A pickup from the offer to the hand-over: what becomes true together at each step."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.flows.on_the_way import here, on_the_way
from ambidex.flows.paid import NotPaid
from ambidex.flows.put_away import put_away
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.reads.audit import audit
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.counter import CUSTOMER, counter, scan
from tests.reads.house import tell
from tests.shop import Shop, associate


@pytest.fixture(autouse=True)
async def _audited(shop: Shop) -> AsyncIterator[None]:
    """Whatever a test did, the invariants hold at its end."""
    yield
    await settle(shop.run, [])
    async with shop.run.reading() as read:
        assert (await audit(read)).violations == ()


async def code_of(refused: object) -> str:
    with pytest.raises(Problem) as said:
        await refused  # type: ignore[misc]  # a call of a flow
    return said.value.code


async def test_accepting_allocates_and_makes_an_owner(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    work = await at.accept()
    assert (work.state.value, work.assignee_name) == ("accepted", "Inès Caron")
    assert await at.units() == {"allocated": 2}
    assert await at.dogs() == ["pick_begun", "ready"]
    assert (await at.owner()).next_step == "Begin picking"


async def test_who_works_on_it_owns_it(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, mug_01=2)
    place = shop.places["camden"]
    [ines, noe] = [
        await shop.on_shift(name, role="associate", place="camden", start=clock.now)
        for name in ("Inès Caron", "Noé Łukasz")
    ]
    await at.accept(by=associate(place, actor_id=str(ines.staff_id)))
    owner = await at.owner()
    assert (owner.staff_id, owner.role, owner.next_step) == (ines.staff_id, "associate", "Begin picking")
    await at.pick(scan(), by=associate(place, "Noé Łukasz", actor_id=str(noe.staff_id)))
    assert (await at.owner()).staff_id == noe.staff_id


async def test_accepting_twice_is_once_and_another_hears_who_has_it(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    assert (await at.accept()).state.value == "accepted"
    other = associate(shop.places["camden"], "Noé Łukasz", actor_id="noe")
    assert await code_of(at.accept(by=other)) == "taken-by-other"
    assert (await shop.happened("fulfillment.accepted")) == ["fulfillment.accepted"]


async def test_the_whole_way_to_the_customer(shop: Shop) -> None:
    at = await counter(shop, mug_01=2, lamp_07=1)
    await at.accept()
    assert (await at.pick(scan())).state.value == "picking"
    assert await at.units() == {"allocated": 1, "picked": 1}
    assert await at.dogs() == ["ready"]
    assert (await at.pick(scan(), scan("LAMP-07"))).state.value == "picked"
    await at.stage()
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.reserved, stock.staged) == (0, 0, 2)
    work = await at.ready()
    assert (work.state.value, work.staging_place, work.customer_side.value) == ("ready", "SHELF-B3", "told")
    assert await at.units() == {"ready": 2}
    promise = await at.promise("ready_by")
    assert promise.state == "kept"
    assert len(promise.kept_by) == 4  # three units and a place
    assert await shop.said() == [("confirmed", "queued"), ("ready", "queued")]
    assert await at.tellings() == ["ready"]
    assert await at.dogs() == ["collect"]
    assert (await at.owner()).waiting_for == "customer"
    await at.hand_over(code=await at.code())
    assert await at.units() == {"handed_over": 2}
    assert (await shop.stock("camden", "MUG-01")).staged == 0
    assert (await shop.said())[-1] == ("collected", "queued")
    assert await at.tellings() == ["ready", "collected"]
    assert await at.owner() is None
    assert [r.state for r in await at.rows("SELECT state FROM orders.orders")] == ["closed"]


async def test_the_message_of_ready_has_proof_and_no_secret(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    [row] = await at.rows("SELECT facts::text AS facts, proof FROM messages.messages WHERE kind = 'ready'")
    assert len(row.proof) == 2
    assert await at.code() not in row.facts
    assert not await at.rows(
        "SELECT 1 FROM runtime.events WHERE payload::text LIKE :code", code=f"%{await at.code()}%"
    )


async def test_ready_twice_tells_once(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await at.ready()
    assert [kind for kind, _ in await shop.said()] == ["confirmed", "ready"]


@pytest.mark.parametrize(
    ("proof", "refusal"),
    [
        (scan("LAMP-07"), "wrong-item"),
        (scan("NOBODY"), "unknown-barcode"),
        (scan(quantity=2), "one-scan-one-unit"),
        (scan(kind="typed"), "typed-needs-reason"),
        (scan(kind="system"), "not-physical"),
        (scan(kind="signature"), "not-physical"),
    ],
)
async def test_a_scan_that_proves_nothing_changes_nothing(shop: Shop, proof: object, refusal: str) -> None:
    await shop.place()
    await shop.item("LAMP-07")
    at = await counter(shop, mug_01=2)
    await at.accept()
    assert await code_of(at.pick(scan(), proof)) == refusal  # type: ignore[arg-type]  # a Proof
    assert await at.units() == {"allocated": 2}


async def test_a_wrong_item_is_named(shop: Shop) -> None:
    await shop.place()
    await shop.item("LAMP-07", name="Harbor lamp")
    at = await counter(shop, mug_01=1)
    await at.accept()
    with pytest.raises(Problem, match="does not belong") as said:
        await at.pick(scan("LAMP-07"))
    assert "Harbor lamp" in said.value.detail


async def test_one_scan_too_many_is_refused(shop: Shop) -> None:
    at = await counter(shop, mug_01=1, lamp_07=1)
    await at.accept()
    await at.pick(scan())
    assert await code_of(at.pick(scan())) == "over-scan"


async def test_counted_scans_where_the_item_allows_them(shop: Shop) -> None:
    await shop.place()
    await shop.item("SCREW-4", counted_scans=True)
    at = await counter(shop, screw_4=40)
    await at.accept()
    assert (await at.pick(scan("SCREW-4", quantity=40))).state.value == "picked"


async def test_the_same_scan_sent_again_is_harmless(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.pick(scan(key="d1:1"))
    assert (await at.pick(scan(key="d1:1"))).picked == 1
    assert (await at.pick(scan(key="d1:1"), scan(key="d1:2"))).state.value == "picked"
    assert (await at.pick(scan(key="d1:2"))).state.value == "picked"
    assert await code_of(at.pick(scan("LAMP-07", key="d1:2"))) == "evidence-key-reused"
    assert len(await shop.happened("fulfillment.picked")) == 2


async def test_a_key_of_a_scan_is_no_hand_over_that_was_done_before(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    await at.pick(scan(key="d1:1"))
    await at.stage()
    await at.ready()
    given = at.hand_over(checked="id", collector="Ama Owusu", key="d1")
    assert await code_of(given) == "evidence-key-reused"


async def test_another_associate_goes_on(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.accept()
    await at.pick(scan())
    other = associate(shop.places["camden"], "Noé Łukasz", actor_id="noe")
    work = await at.pick(scan(), by=other)
    assert (work.state.value, work.assignee_name) == ("picked", "Noé Łukasz")


async def test_nobody_from_elsewhere_touches_it(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    stranger = associate(await shop.place("harbor"))
    for step in (at.accept, at.pick, at.miss, at.stage, at.ready):
        with pytest.raises(NotAllowed):
            await step(by=stranger)
    await at.until_ready()
    for step in (at.ready, at.hand_over):
        with pytest.raises(NotAllowed):
            await step(by=stranger)
    with pytest.raises(NotAllowed):
        await at.hand_over(code=await at.code(), by=stranger)
    with pytest.raises(NotAllowed):
        await at.perform(undo_hand_over, reason="mine", by=stranger)


@pytest.mark.parametrize("place", ["SHELF-Z9", "", "  "])
async def test_an_unknown_place_is_refused(shop: Shop, place: str) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    await at.pick()
    assert await code_of(at.stage(place)) == "unknown-staging-place"


async def test_a_place_is_known_however_it_is_written_and_can_be_changed(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.accept()
    await at.pick()
    assert (await at.stage(" shelf-b3 ")).staging_place == "SHELF-B3"
    assert (await at.stage("SHELF-A1")).staging_place == "SHELF-A1"
    await at.ready()
    assert (await at.stage("SHELF-B3")).state.value == "ready"
    assert (await shop.stock("camden", "MUG-01")).staged == 1


async def test_steps_out_of_order_are_refused(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    assert await code_of(at.pick()) == "wrong-state"
    await at.accept()
    assert await code_of(at.stage()) == "wrong-state"
    assert await code_of(at.ready()) == "wrong-state"
    assert await code_of(at.hand_over(checked="id", collector="Ama Owusu")) == "wrong-state"


async def test_nothing_is_handed_over_unpaid(shop: Shop) -> None:
    at = await counter(shop, mug_01=1, paid="pending")
    await at.until_ready()
    with pytest.raises(NotPaid):
        await at.hand_over(code=await at.code())
    assert (await at.work()).state.value == "ready"


async def test_a_code_is_good_once_and_only_for_its_order(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    code = await at.code()
    assert await code_of(at.hand_over(code="ZZZZ-ZZZZ")) == "unknown-pickup-code"
    assert await code_of(at.hand_over(code="no code at all")) == "unknown-pickup-code"
    assert await code_of(at.hand_over()) == "needs-check"
    assert await code_of(at.hand_over(checked="  ", collector="Kofi")) == "needs-check"
    await at.hand_over(code=f"{code[:4]}-{code[4:]}".lower())
    assert await code_of(at.hand_over(code=code)) == "pickup-code-used"


async def test_another_collector_by_check_is_named_to_the_customer(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    work = await at.hand_over(checked="passport", collector="Kofi Mensah")
    assert work.collector == "Kofi Mensah"
    [row] = await at.rows("SELECT facts FROM messages.messages WHERE kind = 'collected'")
    assert row.facts["collector"] == "Kofi Mensah"


async def test_in_part_the_rest_waits_under_a_new_code(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    first = await at.code()
    work = await at.hand_over(code=first, units={1: 1})
    assert (work.state.value, work.customer_side.value) == ("ready", "partly")
    assert await at.units() == {"ready": 1, "handed_over": 1}
    assert await at.code() != first
    work = await at.hand_over(code=await at.code())
    assert work.state.value == "handed_over"
    assert [kind for kind, _ in await shop.said()].count("collected") == 1


async def test_what_is_refused_at_the_counter_is_paid_back_and_put_away(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    work = await at.hand_over(code=await at.code(), refused={1: 1})
    assert work.state.value == "handed_over"
    assert await at.units() == {"handed_over": 1, "canceled": 1}
    assert await at.money_due() == 1990
    assert [r.kind for r in await at.rows("SELECT kind FROM tasks.tasks")] == ["put_away"]


async def test_what_was_refused_is_put_away_and_the_rest_stays_proven_and_given(shop: Shop) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    await at.hand_over(code=await at.code(), refused={1: 1})
    assert await code_of(at.perform(undo_hand_over, reason="mistake")) == "wrong-state"
    await at.perform(put_away, proofs=[scan()])
    assert await code_of(at.perform(undo_hand_over, reason="mistake")) == "wrong-state"
    assert (await at.work()).state.value == "handed_over"


@pytest.mark.parametrize(
    "said", [{"units": {1: 3}}, {"units": {9: 1}}, {"units": {1: 0}}, {"refused": {1: 2}}]
)
async def test_not_more_than_is_here(shop: Shop, said: dict[str, object]) -> None:
    at = await counter(shop, mug_01=2)
    await at.until_ready()
    assert await code_of(at.hand_over(checked="id", collector="Ama", **said)) == "not-that-many"


async def test_undone_within_minutes_with_a_reason(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await at.hand_over(code=await at.code())
    assert await code_of(at.perform(undo_hand_over, reason=" ")) == "needs-reason"
    clock.now += timedelta(minutes=14)
    work = await at.perform(undo_hand_over, reason="wrong Ama")
    assert (work.state.value, work.collector) == ("staged", "")
    assert await at.units() == {"staged": 1}
    assert (await shop.stock("camden", "MUG-01")).staged == 1
    assert {("ready", "withdrawn"), ("collected", "withdrawn")} <= set(await shop.said())
    assert [
        r.state for r in await at.rows("SELECT state FROM channels.tellings WHERE kind = 'collected'")
    ] == ["withdrawn"]
    assert [r.state for r in await at.rows("SELECT state FROM orders.orders")] == ["confirmed"]
    assert await at.dogs() == ["ready"]
    await at.ready()
    await at.hand_over(code=await at.code())
    assert (await shop.said())[-1] == ("collected", "queued")


async def test_too_late_to_undo(shop: Shop, clock: Clock) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await at.hand_over(code=await at.code())
    clock.now += timedelta(minutes=16)
    assert await code_of(at.perform(undo_hand_over, reason="late")) == "too-late-to-undo"


async def test_what_was_told_ready_is_told_again_after_an_undo(shop: Shop) -> None:
    """Until somebody makes it ready again, "ready" is not true: the customer hears both."""
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await tell(shop)
    await at.hand_over(code=await at.code())
    await at.perform(undo_hand_over, reason="wrong Ama")
    assert (await at.promise("correction_by")).state == "made"
    await tell(shop)
    assert (await at.promise("correction_by")).state == "kept"
    await at.ready()
    await tell(shop)
    told = [kind for kind, state in await shop.said() if state == "sent"]
    assert told == ["confirmed", "ready", "correction", "ready"]
    assert await at.tellings() == ["ready", "collected"]


async def test_a_told_collection_that_is_undone_is_corrected(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    await at.until_ready()
    await tell(shop)
    await at.hand_over(code=await at.code())
    await tell(shop)

    async def told(tx: Tx) -> None:
        await tx.run(text("UPDATE channels.tellings SET state = 'told' WHERE kind = 'collected'"))

    await at.run.perform(CUSTOMER, told)
    await at.perform(undo_hand_over, reason="wrong Ama")
    assert ("correction", "queued") in await shop.said()
    assert (await at.promise("correction_by")).state == "made"
    await tell(shop)
    assert (await at.promise("correction_by")).state == "kept"
    assert [r.kind for r in await at.rows("SELECT kind FROM watch.exceptions")] == ["source-told-too-early"]


async def test_the_customer_is_on_the_way_and_here(shop: Shop) -> None:
    at = await counter(shop, mug_01=1)
    said = {"order_id": at.order_id, "work_no": 1}
    assert await code_of(at.run.perform(CUSTOMER, on_the_way, **said)) == "wrong-state"
    await at.until_ready()
    assert (await at.run.perform(CUSTOMER, on_the_way, **said)).customer_side.value == "on_the_way"
    await at.run.perform(CUSTOMER, here, note="bay 3", **said)
    await at.run.perform(CUSTOMER, here, note="bay 4", **said)
    assert [r.details["note"] for r in await at.rows("SELECT details FROM tasks.tasks")] == ["bay 3"]
    assert (await at.work()).customer_note == "bay 4"
    late = await at.run.perform(CUSTOMER, on_the_way, **said)
    assert late.customer_side.value == "arrived", "an old page that is still open takes nothing back"
    assert await at.dogs() == ["attend", "collect"]
    assert (await at.owner()).next_step == "Go to the customer who is here"
    await at.hand_over(code=await at.code())
    assert [r.state for r in await at.rows("SELECT state FROM tasks.tasks")] == ["done"]
    assert await at.dogs() == []
