"""Decisions of fulfillment, pure: which proof stands for which unit, and when something is ready, handed over, undone."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from ambidex.domains.fulfillment import problems
from ambidex.domains.fulfillment.model import (
    FULFILLMENT,
    UNDO_WITHIN,
    Delta,
    Evidence,
    HandOver,
    Matched,
    Scanned,
    Step,
    Work,
    WorkState,
    WorkVerb,
)
from ambidex.kernel import values
from ambidex.kernel.actor import Actor, ActorKind
from ambidex.kernel.evidence import PHYSICAL, EvidenceKind, Proof
from ambidex.kernel.words import seen

PICK_KINDS = PHYSICAL - {EvidenceKind.SIGNATURE}
STAGE_KINDS = frozenset({EvidenceKind.SCAN, EvidenceKind.TYPED})
# a scale and a photo tell that it was packed, only its own label that it left
PACKAGE_KINDS = {
    Step.PACK: PHYSICAL,
    Step.DISPATCH: STAGE_KINDS,
    Step.COME_BACK: STAGE_KINDS,
}
CLOCK_WRONG_MAX = timedelta(minutes=5)
CODE_ROUNDS = 20_000
STAGED_STATES = frozenset({WorkState.STAGED, WorkState.READY, WorkState.PACKED})


def must_allow(work: Work, *verbs: WorkVerb) -> None:
    """Refuse unless one of the verbs can be said in this state."""
    if not any(FULFILLMENT.allows(work.state, verb) for verb in verbs):
        raise problems.NotInThisState(
            f"{verbs[0].value} does not follow {work.state.value}",
            state=work.state.value,
            step=verbs[0].value,
        )


def must_be_sent(work: Work) -> None:
    """Refuse to pack what the customer collects."""
    if work.method == "pickup":
        raise problems.NotSent(method=work.method)


def must_be_free(work: Work) -> None:
    """Refuse to accept what somebody else accepted, and say who."""
    if work.state in {WorkState.ACCEPTED, WorkState.PICKING}:
        raise problems.TakenByOther(f"{work.assignee_name} works on it", by=work.assignee_name)


def must_witness(actor: Actor) -> None:
    """Evidence comes from a signed-in person or a device of the place, never from a system's word."""
    if actor.kind is not ActorKind.PERSON and not actor.device:
        raise problems.NoWitness(actor.name)


def must_prove(proof: Proof, kinds: Iterable[EvidenceKind]) -> None:
    """Refuse a proof of the wrong kind, and a typed one without a reason."""
    if proof.kind not in kinds:
        raise problems.NotPhysical(f"{proof.kind.value} proves nothing here", kind=proof.kind.value)
    if proof.kind is EvidenceKind.TYPED and not seen(proof.reason):
        raise problems.TypedNeedsReason(
            errors=[{"field": "reason", "expected": "why it could not be scanned"}]
        )


def must_prove_each(proofs: Iterable[Proof], kinds: Iterable[EvidenceKind]) -> None:
    """The same for several."""
    for proof in proofs:
        must_prove(proof, kinds)


def must_have_happened(proofs: Iterable[Proof], *, now: datetime) -> None:
    """Refuse a deed that a device dates later than its clock may be wrong."""
    if any(p.happened_at is not None and p.happened_at - now > CLOCK_WRONG_MAX for p in proofs):
        raise problems.NotYet(errors=[{"field": "happened_at", "expected": "a time that has been"}])


def must_give_reason(reason: str) -> None:
    """Refuse an empty reason."""
    if not seen(reason):
        raise problems.NeedsReason(errors=[{"field": "reason", "expected": "a few words"}])


def match(work: Work, scans: Sequence[Scanned], *, room: dict[int, int] | None = None) -> list[Matched]:
    """Which line each proof is for, in order: the first line of the item with room (by default, units to pick)."""
    room = {line.line_no: line.to_pick for line in work.lines} if room is None else dict(room)
    found = []
    for scanned in scans:
        must_prove(scanned.proof, PICK_KINDS)
        _must_count(scanned)
        line_no = _line_with_room(work, scanned, room)
        room[line_no] -= scanned.proof.quantity
        assert scanned.item_id is not None, "a proof that names no item was refused"
        found.append(Matched(line_no, scanned.item_id, scanned.proof, scanned.counted_scans))
    return found


def _must_count(scanned: Scanned) -> None:
    quantity = scanned.proof.quantity
    if quantity < 1 or (quantity > 1 and not scanned.counted_scans):
        raise problems.OneScanOneUnit(
            f"{scanned.name or scanned.proof.barcode}: {quantity} by one scan",
            errors=[{"field": "quantity", "expected": "1"}],
        )


def _line_with_room(work: Work, scanned: Scanned, room: Mapping[int, int]) -> int:
    if scanned.item_id is None:
        raise problems.UnknownBarcode(scanned.proof.barcode, barcode=scanned.proof.barcode)
    of_item = [line.line_no for line in work.lines if line.item_id == scanned.item_id]
    if not of_item:
        raise problems.WrongItem(
            f"This is {scanned.name}", scanned=scanned.name, barcode=scanned.proof.barcode
        )
    for line_no in of_item:
        if room[line_no] >= scanned.proof.quantity:
            return line_no
    raise problems.OverScan(
        f"{scanned.name}: {sum(room[n] for n in of_item)} left to scan", left=sum(room[n] for n in of_item)
    )


def pick_verb(work: Work, units: int) -> WorkVerb:
    """Whether picking so many units leaves something to pick."""
    return WorkVerb.PICK if work.wanted - work.picked > units else WorkVerb.PICK_LAST


def miss_verb(work: Work, line_no: int, units: int) -> WorkVerb:
    """Whether not finding so many leaves something to pick, something in hand, or nothing at all."""
    line = work.line(line_no)
    if line is None or not 1 <= units <= line.to_pick:
        left = 0 if line is None else line.to_pick
        raise problems.NothingMissing(f"{left} of line {line_no} are still to be picked", left=left)
    if work.wanted == units:
        return WorkVerb.MISS_ALL
    return WorkVerb.MISS if work.wanted - work.picked > units else WorkVerb.MISS_LAST


def unproven(work: Work, evidence: Sequence[Evidence]) -> dict[int, int]:
    """Units by line that no physical evidence of this place stands for; empty when all are proven."""
    proven: Counter[int] = Counter()
    for e in evidence:
        if e.line_no is None or e.kind not in PHYSICAL or e.location_id != work.location_id:
            continue
        line = work.line(e.line_no)
        if line is None or line.item_id != e.item_id:
            continue
        if e.step is Step.PICK:
            proven[e.line_no] += e.quantity
        elif e.step is Step.PUT_AWAY:
            proven[e.line_no] -= e.quantity
    lacks = {line.line_no: line.wanted - min(line.picked, proven[line.line_no]) for line in work.lines}
    return {line_no: units for line_no, units in lacks.items() if units > 0}


def must_be_ready(work: Work, evidence: Sequence[Evidence]) -> None:
    """The guard of *ready*: something wanted, physical evidence for each unit, a place that was scanned."""
    lacking = unproven(work, evidence)
    staged = any(
        e.step in {Step.STAGE, Step.UNDO}
        and e.place == work.staging_place
        and e.kind in PHYSICAL
        and e.location_id == work.location_id
        for e in evidence
    )
    if work.wanted < 1 or lacking or not work.staging_place.strip() or not staged:
        raise problems.NotProven(lacking=lacking, staged=staged)


def handed(work: Work, ask: HandOver) -> dict[int, int]:
    """Units by line that leave now. Refuses without a code or a check, and more than is here."""
    if ask.code_no is None and not (ask.checked.strip() and ask.collector.strip()):
        raise problems.NeedsCheck(
            errors=[{"field": "code", "expected": "the code, or checked and collector"}]
        )
    here = {line.line_no: line.to_hand_over for line in work.lines if line.to_hand_over > 0}
    left = {line_no: count - ask.refused.get(line_no, 0) for line_no, count in here.items()}
    units = ask.units or {line_no: count for line_no, count in left.items() if count > 0}
    decided = Counter(units) + Counter(ask.refused)
    counted = [*units.values(), *ask.refused.values()]
    if not units or min(counted) < 1 or any(n > here.get(line_no, 0) for line_no, n in decided.items()):
        raise problems.NotThatMany(here=here)
    if ask.refused and decided != here:
        raise problems.NotThatMany("what is refused and what is taken must be everything", here=here)
    return units


def proof_of(ask: HandOver) -> Proof:
    """What proves a hand-over: the code that was shown, or what was checked."""
    if ask.code_no is not None:
        return Proof(EvidenceKind.SCAN, barcode=f"pickup-code-{ask.code_no}", happened_at=ask.happened_at)
    checked = f"{ask.collector}; checked: {ask.checked}"
    return Proof(EvidenceKind.TYPED, reason=checked, happened_at=ask.happened_at)


def added(*parts: Mapping[int, int]) -> dict[int, int]:
    """Units by line, together."""
    total: Counter[int] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def must_be_undoable(work: Work, *, now: datetime) -> dict[int, int]:
    """Units by line that come back; refuses after UNDO_WITHIN and when part of it is no longer wanted."""
    must_allow(work, WorkVerb.UNDO)
    units = {line.line_no: line.handed_over for line in work.lines if line.handed_over}
    ended = work.state is WorkState.HANDED_OVER
    given_up = any(line.to_put_away or (ended and line.to_hand_over) for line in work.lines)
    if not units or work.handed_over_at is None or given_up:
        raise problems.NotInThisState("nothing was handed over that can be undone", state=work.state.value)
    if now - work.handed_over_at > UNDO_WITHIN:
        raise problems.TooLateToUndo(handed_over_at=work.handed_over_at)
    return units


@values.dataclass(frozen=True, slots=True)
class Drop:
    """Units a work loses, split by how far they had come, and the verb that says it."""

    verb: WorkVerb
    waiting: dict[int, int]
    in_hand: dict[int, int]
    staged: dict[int, int]


def drop(work: Work, units: Mapping[int, int] | None, *, verb: WorkVerb = WorkVerb.CANCEL) -> Drop:
    """Take these units (None: all that are still here) away from the work; those not yet picked go first.

    `verb` is what it is called when nothing is left (cancel, refuse, lapse, take back).
    """
    here = {line.line_no: line.to_hand_over for line in work.lines if line.to_hand_over > 0}
    leaving = dict(units) if units is not None else here
    if not leaving or any(not 1 <= count <= here.get(line_no, 0) for line_no, count in leaving.items()):
        raise problems.NotThatMany(here=here)
    waiting: dict[int, int] = {}
    picked: dict[int, int] = {}
    for line in work.lines:
        count = leaving.get(line.line_no, 0)
        unpicked = min(count, line.to_pick)
        waiting |= {line.line_no: unpicked} if unpicked else {}
        picked |= {line.line_no: count - unpicked} if count > unpicked else {}
    staged = work.state in STAGED_STATES
    said = _drop_verb(work, leaving, verb)
    must_allow(work, said)
    return Drop(said, waiting, {} if staged else picked, picked if staged else {})


def handed_deltas(units: Mapping[int, int], refused: Mapping[int, int]) -> dict[int, Delta]:
    """What a hand-over does to the counters of the lines."""
    return {n: Delta(handed_over=units.get(n, 0), to_put_away=refused.get(n, 0)) for n in {*units, *refused}}


def deltas_of(drop: Drop) -> dict[int, Delta]:
    """What a drop does to the counters of the lines."""
    if drop.verb is WorkVerb.CLOSE:
        return {line_no: Delta(to_put_away=count) for line_no, count in drop.staged.items()}
    picked = added(drop.in_hand, drop.staged)
    return {
        line_no: Delta(
            wanted=-count,
            dropped=count,
            picked=-picked.get(line_no, 0),
            to_put_away=drop.staged.get(line_no, 0),
        )
        for line_no, count in added(drop.waiting, picked).items()
    }


def _drop_verb(work: Work, leaving: Mapping[int, int], verb: WorkVerb) -> WorkVerb:
    left = work.wanted - sum(leaving.values())
    if left == 0:
        return verb
    if work.state is WorkState.READY and left == sum(line.handed_over for line in work.lines):
        return WorkVerb.CLOSE
    unpicked = sum(max(0, line.to_pick - leaving.get(line.line_no, 0)) for line in work.lines)
    if work.state is WorkState.PICKING and unpicked == 0:
        return WorkVerb.DROP_LAST
    return WorkVerb.DROP


_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
_QR_PREFIX = "AMBIDEX-PICKUP:"
CODE_LENGTH = 8


def pickup_code(key: bytes, work_id: str, code_no: int) -> str:
    """The code of a work: 40 bits of an HMAC-SHA256, in Crockford's base 32 (https://www.crockford.com/base32.html).

    Derived and never stored, so the customer's page can show it again and a stolen database tells none.
    """
    digest = hmac.digest(key, f"pickup-code:{work_id}:{code_no}".encode(), "sha256")
    number = int.from_bytes(digest[:5], "big")
    return "".join(_CROCKFORD[number >> 5 * i & 31] for i in reversed(range(CODE_LENGTH)))


def code_hash(key: bytes, code: str) -> bytes:
    """What is stored of a code: keyed, because 40 bits alone could be searched."""
    return hmac.digest(key, b"pickup-code-hash:" + code.encode(), "sha256")


@lru_cache(maxsize=4096)
def code_proof(code: str, work_id: str, code_no: int) -> bytes:
    """What only who holds the code can compute; a device keeps this in place of the code.

    PBKDF2 (RFC 8018) over 40 bits: 2^40 codes x CODE_ROUNDS is no search. A static salt per code is enough: each
    code is random and used once.
    """
    salt = f"pickup-code:{work_id}:{code_no}".encode()
    return hashlib.pbkdf2_hmac("sha256", code.encode(), salt, CODE_ROUNDS)


def code_verifier(code: str, work_id: str, code_no: int) -> str:
    """The hash of the proof, in hex."""
    return hashlib.sha256(code_proof(code, work_id, code_no)).hexdigest()


def is_code_proof(proof: str, code: str, work_id: str, code_no: int) -> bool:
    """Whether this (hex) is the proof of that code."""
    return hmac.compare_digest(proof.encode(), code_proof(code, work_id, code_no).hex().encode())


def qr_text(code: str) -> str:
    """What the QR form of a code says."""
    return _QR_PREFIX + code


def read_code(text: str) -> str | None:
    """The code in what was scanned or typed, lookalike letters and spaces forgiven; None when it is no code."""
    plain = (
        text.strip().upper().removeprefix(_QR_PREFIX).replace("-", "").replace(" ", "").translate(_LOOKALIKES)
    )
    fits = len(plain) == CODE_LENGTH and all(letter in _CROCKFORD for letter in plain)
    return plain if fits else None
