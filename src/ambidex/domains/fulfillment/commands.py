"""What is done to work. Each asks the actor, decides by the rules, stores by compare-and-set, and announces.

Callers (flows) hold the lock on the order. Evidence is idempotent by its key: a replayed scan changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from ambidex.domains.fulfillment import events, problems, queries, rules, store
from ambidex.domains.fulfillment.model import (
    HERE,
    CustomerSide,
    Delta,
    Dropped,
    Handed,
    HandOver,
    NewWork,
    Scanned,
    Step,
    Work,
    WorkState,
    WorkVerb,
)
from ambidex.domains.fulfillment.store import Deed
from ambidex.kernel.actor import Permission
from ambidex.kernel.event import Event
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import LocationId, OrderId, child_id
from ambidex.kernel.ref import Ref
from ambidex.kernel.values import dataclass, replace
from ambidex.runtime.db import Read, Tx, Write


def begin(tx: Tx, works: Sequence[NewWork]) -> tuple[Write, ...]:
    """Works offered to their locations (any number, of any orders), to be written with what else begins."""
    for new in works:
        subject = Ref("fulfillment-order", child_id(new.order_id, new.work_no))
        units = sum(quantity for _, _, quantity in new.units)
        event = events.Offered(new.work_no, units)
        place = new.location_id
        tx.announce(subject, event, order_id=new.order_id, location_id=place, actor=new.actor or tx.actor)
    return store.offered(works, now=tx.now)


async def accept(tx: Tx, work: Work) -> Work:
    """The place says yes; who said it works on it. Saying it again changes nothing."""
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    if work.state is WorkState.ACCEPTED and work.assignee_id == tx.actor.id:
        return work
    rules.must_be_free(work)
    rules.must_allow(work, WorkVerb.ACCEPT)
    await store.move(tx, work, WorkVerb.ACCEPT, **_by(tx))
    return await _done(tx, work, events.Accepted(work.work_no))


async def take_back(tx: Tx, work: Work, *, verb: WorkVerb, reason: str) -> Dropped:
    """The place does not do it: REFUSE, LAPSE (no answer in time) or TAKE_BACK (it cannot any more)."""
    made = {
        WorkVerb.REFUSE: events.Refused,
        WorkVerb.LAPSE: events.Lapsed,
        WorkVerb.TAKE_BACK: events.TakenBack,
    }[verb]
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    rules.must_give_reason(reason)
    rules.must_allow(work, verb)
    return await _drop(
        tx, work, rules.drop(work, None, verb=verb), reason=reason, event=made(work.work_no, reason)
    )


async def cancel_work(tx: Tx, work: Work, *, units: Mapping[int, int] | None = None, reason: str) -> Dropped:
    """Units (None: all that are still here) are wanted no more. The caller may cancel the order: nothing is asked here."""
    drop = rules.drop(work, units)
    event: Event = (
        events.Canceled(work.work_no, reason)
        if drop.verb is WorkVerb.CANCEL
        else events.UnitsDropped(work.work_no, reason, rules.added(drop.waiting, drop.in_hand, drop.staged))
    )
    return await _drop(tx, work, drop, reason=reason, event=event)


async def pick(tx: Tx, work: Work, scans: Sequence[Scanned]) -> tuple[Work, dict[int, int]]:
    """Each proof stands for a unit in hand. Returns the work and the units newly picked by line."""
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    rules.must_witness(tx.actor)
    fresh = await _fresh(tx, work, Step.PICK, scans)
    if not fresh:
        return work, {}
    rules.must_allow(work, WorkVerb.PICK)
    found = rules.match(work, fresh)
    units = Counter[int]()
    for matched in found:
        units[matched.line_no] += matched.proof.quantity
    deeds = [Deed(m.proof, m.line_no, m.item_id, m.counted_scans) for m in found]
    ids = await store.prove(tx, work, Step.PICK, deeds)
    await store.change_lines(tx, work, {line_no: Delta(picked=count) for line_no, count in units.items()})
    await store.move(tx, work, rules.pick_verb(work, units.total()), **_by(tx))
    for matched, evidence_id in zip(found, ids, strict=True):
        told = matched.proof
        event = events.Picked(work.work_no, matched.line_no, matched.item_id, told.quantity, told.kind.value)
        _announce(tx, work, event, evidence=(evidence_id,), happened_at=told.happened_at)
    return await queries.work(tx, work.order_id, work.work_no), dict(units)


async def miss(tx: Tx, work: Work, *, line_no: int, units: int, proof: Proof) -> tuple[Work, tuple[str, ...]]:
    """Units that cannot be found: they leave this work. Returns the evidence; none when the key was known."""
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    rules.must_witness(tx.actor)
    rules.must_give_reason(proof.reason)
    if await store.known_proofs(tx, work, Step.CANNOT_FIND, [proof]):
        return work, ()
    rules.must_allow(work, WorkVerb.MISS)
    verb = rules.miss_verb(work, line_no, units)
    line = work.line(line_no)
    assert line is not None, "the rule refused an unknown line"
    noted = replace(proof, kind=EvidenceKind.TYPED, quantity=units)
    ids = await store.prove(tx, work, Step.CANNOT_FIND, [Deed(noted, line_no, line.item_id)])
    await store.change_lines(tx, work, {line_no: Delta(wanted=-units, short=units)})
    await store.move(tx, work, verb, **_by(tx))
    event = events.CameUpShort(work.work_no, line_no, line.item_id, units, proof.reason)
    return await _done(tx, work, event, evidence=ids), ids


async def stage(
    tx: Tx, work: Work, *, place: str, places: Collection[str], proof: Proof
) -> tuple[Work, tuple[str, ...]]:
    """Everything picked lies at a staging place of the location, whose label was scanned.

    No `places`: the location names none, so any label will do. Returns the evidence; none when the key was known.
    """
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    rules.must_witness(tx.actor)
    rules.must_prove(proof, rules.STAGE_KINDS)
    if await store.known_proofs(tx, work, Step.STAGE, [proof]):
        return work, ()
    rules.must_allow(work, WorkVerb.STAGE)
    if not place.strip() or (places and place not in places):
        raise problems.UnknownStagingPlace(place or "no place", place=place)
    ids = await store.prove(tx, work, Step.STAGE, [Deed(replace(proof, quantity=1), place=place)])
    await store.move(tx, work, WorkVerb.STAGE, staging_place=place)
    return await _done(tx, work, events.Staged(work.work_no, place), evidence=ids), ids


async def make_ready(tx: Tx, work: Work) -> tuple[Work, tuple[str, ...]]:
    """Physical evidence for every unit and a scanned place make it ready. Returns the ids that prove it."""
    tx.actor.must(Permission.WORK_DO, at=work.location_id)
    rules.must_allow(work, WorkVerb.MAKE_READY)
    evidence = await store.evidence_of(tx, work)
    rules.must_be_ready(work, evidence)
    proof = tuple(str(e.evidence_id) for e in evidence if e.step in {Step.PICK, Step.STAGE})
    told = {"customer_side": CustomerSide.TOLD.value, "customer_side_since": tx.now}
    await store.move(tx, work, WorkVerb.MAKE_READY, ready_at=tx.now, **told)
    event = events.BecameReady(work.work_no, work.staging_place, work.wanted)
    return await _done(tx, work, event, evidence=proof), proof


async def hand_over(tx: Tx, work: Work, ask: HandOver) -> Handed:
    """Units go to the customer or a named collector, by a code (spent now) or by a check.

    Sent again with the same key, nothing happens and nothing is returned as handed.
    """
    tx.actor.must(Permission.WORK_HAND_OVER, at=work.location_id)
    rules.must_witness(tx.actor)
    if await store.handed_before(tx, work, ask.key):
        return Handed(work, {}, {}, ())
    rules.must_allow(work, WorkVerb.HAND_OVER)
    units, refused = rules.handed(work, ask), ask.refused
    if ask.code_no is not None and not await store.use_code(tx, work, ask.code_no):
        raise problems.CodeUsed
    proof = rules.proof_of(ask)
    lines = {line.line_no: line for line in work.lines}
    deeds = [
        Deed(replace(proof, quantity=count, key=f"{ask.key}:{n}" if ask.key else ""), n, lines[n].item_id)
        for n, count in units.items()
    ]
    ids = await store.prove(tx, work, Step.HAND_OVER, deeds)
    await store.change_lines(tx, work, rules.handed_deltas(units, refused))
    gone = sum(units.values()) + sum(refused.values())
    complete = gone == sum(line.to_hand_over for line in work.lines)
    await _move_handed(tx, work, ask, complete=complete)
    how = "code" if ask.code_no is not None else ask.checked
    event = events.HandedOver(work.work_no, ask.collector, how, units, refused, complete)
    undone = await store.times_undone(tx, work)
    return Handed(await _done(tx, work, event, evidence=ids), units, refused, ids, undone)


async def undo_hand_over(tx: Tx, work: Work, *, reason: str) -> Handed:
    """A hand-over that was a mistake: the units are back at their staging place. Says which, by line."""
    tx.actor.must(Permission.WORK_UNDO, at=work.location_id)
    rules.must_witness(tx.actor)
    rules.must_give_reason(reason)
    units = rules.must_be_undoable(work, now=tx.now)
    lines = {line.line_no: line for line in work.lines}
    deeds = [
        Deed(
            Proof(EvidenceKind.TYPED, quantity=n, reason=reason),
            no,
            lines[no].item_id,
            place=work.staging_place,
        )
        for no, n in units.items()
    ]
    ids = await store.prove(tx, work, Step.UNDO, deeds)
    cleared = {"customer_side": "", "customer_side_since": None, "handed_over_at": None, "ready_at": None}
    await store.move(tx, work, WorkVerb.UNDO, collector="", **cleared)
    await store.change_lines(tx, work, {no: Delta(handed_over=-n) for no, n in units.items()})
    await store.revoke_codes(tx, work)
    event = events.HandOverUndone(work.work_no, reason, units)
    undone = await store.times_undone(tx, work)
    return Handed(await _done(tx, work, event, evidence=ids), units, {}, ids, undone)


async def put_away(
    tx: Tx, work: Work, scans: Sequence[Scanned], *, at: LocationId, lying: Mapping[int, int]
) -> tuple[Work, dict[int, int], tuple[str, ...]]:
    """Units nobody wants any more go back to the shelf, each scanned. Returns units by line and their evidence.

    `at` is where they lie, so many of each line: the place of the work, or where its parcel came back.
    """
    tx.actor.must(Permission.WORK_DO, at=at)
    rules.must_witness(tx.actor)
    fresh = await _fresh(tx, work, Step.PUT_AWAY, scans)
    found = rules.match(work, fresh, room=dict(lying))
    units = Counter[int]()
    for matched in found:
        units[matched.line_no] += matched.proof.quantity
    if not found:
        return work, {}, ()
    deeds = [Deed(m.proof, m.line_no, m.item_id, m.counted_scans, work.staging_place) for m in found]
    ids = await store.prove(tx, work, Step.PUT_AWAY, deeds, at=at)
    await store.change_lines(tx, work, {no: Delta(to_put_away=-count) for no, count in units.items()})
    for m, evidence_id in zip(found, ids, strict=True):
        event = events.PutAway(work.work_no, m.line_no, m.item_id, m.proof.quantity)
        _announce(tx, work, event, evidence=(evidence_id,), happened_at=m.proof.happened_at)
    return await queries.work(tx, work.order_id, work.work_no), dict(units), ids


class CustomerSays:
    """What the customer lets us know."""

    @staticmethod
    async def moves(tx: Tx, work: Work, *, side: CustomerSide, note: str = "") -> Work:
        """The customer says they are on the way, or here. Again, or too late, it changes nothing."""
        tx.actor.must(Permission.ORDERS_CUSTOMER_CHOICE)
        if work.customer_side is side and work.customer_note == note:
            return work
        if side is CustomerSide.ON_THE_WAY and work.customer_side in HERE:
            return work
        rules.must_allow(work, WorkVerb.HAND_OVER)
        await store.note(tx, work, customer_side=side.value, customer_side_since=tx.now, customer_note=note)
        return await _done(tx, work, events.CustomerMoved(work.work_no, side.value, note))

    @staticmethod
    def chose(
        tx: Tx,
        order_id: OrderId,
        *,
        work_no: int,
        location_id: LocationId | None,
        said: tuple[str, bool, dict[int, int]],
    ) -> str:
        """Write down what was chosen for missing units (option, by the customer?, units by line): the event's name."""
        choice = events.CustomerChose(work_no, *said)
        tx.announce(Ref("order", order_id.hex), choice, order_id=order_id, location_id=location_id)
        return choice.name


class Parcels:
    """Steps of work that is sent, whose packages the domain of shipping knows."""

    PACK, DISPATCH, COME_BACK = Step.PACK, Step.DISPATCH, Step.COME_BACK
    put_back = staticmethod(store.put_back)

    @staticmethod
    async def seen(
        tx: Tx, work: Work, step: Step, *, proofs: Sequence[tuple[str, Proof]], at: LocationId | None = None
    ) -> dict[str, str]:
        """Somebody has packages of this work in hand (place, proof each; `at`: elsewhere): evidence of new keys by place."""
        here = at or work.location_id
        tx.actor.must(Permission.WORK_DO, at=here)
        rules.must_witness(tx.actor)
        known = await store.known_proofs(tx, work, step, [proof for _, proof in proofs])
        fresh = [(place, proof) for place, proof in proofs if proof.key not in known]
        rules.must_prove_each([proof for _, proof in fresh], rules.PACKAGE_KINDS[step])
        ids = await store.prove(tx, work, step, [Deed(proof, place=place) for place, proof in fresh], at=here)
        return {place: one for (place, _), one in zip(fresh, ids, strict=True)}

    @staticmethod
    async def ship(tx: Tx, work: Work, verb: WorkVerb, *, gone: Mapping[int, int] | None = None) -> Work:
        """A step of work that is sent; `gone` units (by line) left the place. Who may was asked where it was seen."""
        rules.must_be_sent(work)
        rules.must_allow(work, verb)
        if gone:
            await store.change_lines(tx, work, {no: Delta(handed_over=count) for no, count in gone.items()})
        await store.move(tx, work, verb)
        return await _done(tx, work, events.SentOn(work.work_no, verb.value))

    @staticmethod
    async def came_back(tx: Tx, work: Work, units: Mapping[int, int]) -> Dropped:
        """Units that left lie at the place again, to be put away. The caller has seen them."""
        await store.change_lines(tx, work, {no: Delta(to_put_away=count) for no, count in units.items()})
        return Dropped(await queries.work(tx, work.order_id, work.work_no), {}, {}, dict(units))


@dataclass(frozen=True, slots=True)
class PickupCodes:
    """Pickup codes under one key: single use, revocable, derived so that nothing secret is stored."""

    key: bytes

    async def issue(self, tx: Tx, work: Work) -> int:
        """The number of the live code of this work; a new one when none is live."""
        live = await queries.live_code_no(tx, work)
        if live is not None:
            return live
        code_no = await store.next_code_no(tx, work)
        code = self.code(work.id, code_no)
        await store.add_code(tx, work, code_no=code_no, code_hash=rules.code_hash(self.key, code))
        _announce(tx, work, events.CodeIssued(work.work_no, code_no))
        return code_no

    def code(self, work_id: str, code_no: int) -> str:
        """The code of this number, for the letter that carries it."""
        return rules.pickup_code(self.key, work_id, code_no)

    async def shown(self, read: Read, work: Work) -> str | None:
        """The live code, for the customer's own page."""
        code_no = await queries.live_code_no(read, work)
        return None if code_no is None else self.code(work.id, code_no)

    async def whose(self, read: Read, text: str, *, location_id: LocationId) -> tuple[Work, int]:
        """The work at this place that a scanned or typed code opens, and the code's number."""
        return await queries.by_code(read, text, key=self.key, location_id=location_id)

    async def find(self, read: Read, text: str, *, work: Work) -> int:
        """The number of the code that opens this very work; refuses any other."""
        found, code_no = await self.whose(read, text, location_id=work.location_id)
        if found.id != work.id:
            raise problems.UnknownCode("this code is of another order")
        return code_no

    def verifier(self, work_id: str, code_no: int) -> str:
        """What a device needs to check this code without a network; it tells neither the code nor its proof."""
        return rules.code_verifier(self.code(work_id, code_no), work_id, code_no)

    def proven(self, work_id: str, code_no: int, proof: str) -> str:
        """The code that this proof of a device shows to have been presented. Raises UnknownCode."""
        code = self.code(work_id, code_no)
        if not rules.is_code_proof(proof, code, work_id, code_no):
            raise problems.UnknownCode("the proof is of another code")
        return code

    def stored_form(self, text: str) -> bytes | None:
        """What is stored of a typed or scanned code; None for what cannot be one."""
        code = rules.read_code(text)
        return None if code is None else rules.code_hash(self.key, code)

    qr_text = staticmethod(rules.qr_text)
    given_before = staticmethod(store.handed_before)


async def _drop(tx: Tx, work: Work, drop: rules.Drop, *, reason: str, event: Event) -> Dropped:
    await store.move(tx, work, drop.verb, cause=reason)
    await store.change_lines(tx, work, rules.deltas_of(drop))
    if drop.verb is not WorkVerb.DROP:
        await store.revoke_codes(tx, work)
    after = await _done(tx, work, event)
    return Dropped(after, drop.waiting, drop.in_hand, drop.staged)


async def _move_handed(tx: Tx, work: Work, ask: HandOver, *, complete: bool) -> None:
    side = CustomerSide.HANDED_OVER if complete else CustomerSide.PARTLY
    changes = {"customer_side": side.value, "customer_side_since": tx.now, "handed_over_at": tx.now}
    verb = WorkVerb.HAND_OVER if complete else WorkVerb.HAND_OVER_PART
    await store.move(tx, work, verb, collector=ask.collector, **changes)
    if complete:
        await store.revoke_codes(tx, work)


async def _fresh(tx: Tx, work: Work, step: Step, scans: Sequence[Scanned]) -> list[Scanned]:
    known = await store.known_proofs(tx, work, step, [scanned.proof for scanned in scans])
    return [scanned for scanned in scans if scanned.proof.key not in known]


def _announce(tx: Tx, work: Work, event: Event, **details: object) -> None:
    tx.announce(work.ref, event, order_id=work.order_id, location_id=work.location_id, **details)


async def _done(tx: Tx, work: Work, event: Event, *, evidence: tuple[str, ...] = ()) -> Work:
    _announce(tx, work, event, evidence=evidence)
    return await queries.work(tx, work.order_id, work.work_no)


def _by(tx: Tx) -> dict[str, str]:
    return {"assignee_id": tx.actor.id, "assignee_name": tx.actor.name}
