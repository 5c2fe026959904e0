"""Changing work: every move is compare-and-set, every list is one statement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text, update

from ambidex.domains.fulfillment import problems, rules
from ambidex.domains.fulfillment.model import FULFILLMENT, Delta, Evidence, NewWork, Step, Work, WorkVerb
from ambidex.domains.fulfillment.tables import evidence, pickup_codes
from ambidex.domains.fulfillment.tables import work as works
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.ids import ItemId, LocationId
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

_OFFERED = Insert.into(
    "fulfillment.work",
    {"order_id": "uuid", "work_no": "smallint", "location_id": "uuid", "method": "text"},
    same={"state": "'offered'", "offered_at": ":now", "state_since": ":now"},
)
_OFFERED_LINES = Insert.into(
    "fulfillment.work_lines",
    {
        "order_id": "uuid",
        "work_no": "smallint",
        "line_no": "smallint",
        "item_id": "uuid",
        "asked": "integer",
    },
    same={"wanted": "asked"},
)
_CHANGE_LINES = text("""
UPDATE fulfillment.work_lines l
   SET wanted = l.wanted + d.wanted, picked = l.picked + d.picked, handed_over = l.handed_over + d.handed_over,
       short = l.short + d.short, dropped = l.dropped + d.dropped, to_put_away = l.to_put_away + d.to_put_away
  FROM unnest(CAST(:lines AS smallint[]), CAST(:wanted AS integer[]), CAST(:picked AS integer[]),
              CAST(:handed_over AS integer[]), CAST(:short AS integer[]), CAST(:dropped AS integer[]),
              CAST(:to_put_away AS integer[]), CAST(:was_wanted AS integer[]), CAST(:was_picked AS integer[]),
              CAST(:was_handed_over AS integer[]), CAST(:was_to_put_away AS integer[]))
       AS d(line_no, wanted, picked, handed_over, short, dropped, to_put_away,
            was_wanted, was_picked, was_handed_over, was_to_put_away)
 WHERE l.order_id = :order_id AND l.work_no = :work_no AND l.line_no = d.line_no AND l.wanted = d.was_wanted
   AND l.picked = d.was_picked AND l.handed_over = d.was_handed_over AND l.to_put_away = d.was_to_put_away
""")
_PROVE = text("""
INSERT INTO fulfillment.evidence
  (order_id, evidence_id, work_no, line_no, item_id, step, kind, barcode, quantity, counted, reason, place,
   actor_id, actor_name, device, location_id, happened_at, recorded_at, key)
SELECT :order_id, id, :work_no, line_no, item_id, :step, kind, barcode, quantity, counted, reason, place,
       :actor_id, :actor_name, :device, :location_id, happened_at, :now, key
  FROM unnest(CAST(:ids AS uuid[]), CAST(:lines AS smallint[]), CAST(:items AS uuid[]), CAST(:kinds AS text[]),
              CAST(:barcodes AS text[]), CAST(:quantities AS integer[]), CAST(:counted AS boolean[]),
              CAST(:reasons AS text[]), CAST(:places AS text[]), CAST(:happened AS timestamptz[]),
              CAST(:keys AS text[]))
       AS new(id, line_no, item_id, kind, barcode, quantity, counted, reason, place, happened_at, key)
""")


@dataclass(frozen=True, slots=True)
class Deed:
    """One proof about to be stored, and what it is about."""

    proof: Proof
    line_no: int | None = None
    item_id: ItemId | None = None
    counted: bool = False
    place: str = ""


def offered(new: Sequence[NewWork], *, now: datetime) -> tuple[Write, Write]:
    """Works and their lines."""
    works = [(w.order_id, w.work_no, w.location_id, w.method) for w in new]
    lines = [(w.order_id, w.work_no, *unit) for w in new for unit in w.units]
    return _OFFERED.rows(works, now=now), _OFFERED_LINES.rows(lines)


async def move(tx: Tx, work: Work, verb: WorkVerb, **changes: Any) -> None:
    """Move the work, provided that it is still in the state we decided on."""
    to = FULFILLMENT.after(work.state, verb)
    if to is not work.state:
        changes["state_since"] = tx.now
    moved = await tx.maybe(
        update(works)
        .where(
            works.c.order_id == work.order_id, works.c.work_no == work.work_no, works.c.state == work.state
        )
        .values(state=to.value, **changes)
        .returning(works.c.work_no)
    )
    if moved is None:
        raise MovedOn(work.id)


async def note(tx: Tx, work: Work, **changes: Any) -> None:
    """Change what stands beside the state (the customer's side, who works on it)."""
    changed = await tx.run(
        update(works)
        .where(
            works.c.order_id == work.order_id, works.c.work_no == work.work_no, works.c.state == work.state
        )
        .values(**changes)
    )
    if changed != 1:
        raise MovedOn(work.id)


async def change_lines(tx: Tx, work: Work, deltas: Mapping[int, Delta]) -> None:
    """Add to the counters of lines, provided that they are still what we decided on."""
    lines = [line for line in work.lines if line.line_no in deltas]
    counters = ("wanted", "picked", "handed_over", "short", "dropped", "to_put_away")
    values: dict[str, Any] = {"order_id": work.order_id, "work_no": work.work_no}
    values["lines"] = [line.line_no for line in lines]
    for counter in counters:
        values[counter] = [getattr(deltas[line.line_no], counter) for line in lines]
    for counter in ("wanted", "picked", "handed_over", "to_put_away"):
        values[f"was_{counter}"] = [getattr(line, counter) for line in lines]
    if await tx.run(_CHANGE_LINES, values) != len(deltas):
        raise MovedOn(work.id)


async def prove(
    tx: Tx, work: Work, step: Step, deeds: Sequence[Deed], *, at: LocationId | None = None
) -> tuple[str, ...]:
    """Store evidence by the actor, now and at the place of the work (or `at`); its ids."""
    ids = [tx.new_id() for _ in deeds]
    values = {
        "order_id": work.order_id, "work_no": work.work_no, "location_id": at or work.location_id, "now": tx.now,
        "step": step.value, "actor_id": tx.actor.id, "actor_name": tx.actor.name, "device": tx.actor.device or "",
        "ids": ids,
        "lines": [deed.line_no for deed in deeds],
        "items": [deed.item_id for deed in deeds],
        "kinds": [deed.proof.kind.value for deed in deeds],
        "barcodes": [deed.proof.barcode for deed in deeds],
        "quantities": [deed.proof.quantity for deed in deeds],
        "counted": [deed.counted for deed in deeds],
        "reasons": [deed.proof.reason for deed in deeds],
        "places": [deed.place for deed in deeds],
        "happened": [deed.proof.happened_at or tx.now for deed in deeds],
        "keys": [deed.proof.key or str(new) for deed, new in zip(deeds, ids, strict=True)],
    }  # fmt: skip
    await tx.run(_PROVE, values)
    return tuple(str(new) for new in ids)


async def known_keys(read: Read, order_id: UUID, keys: Iterable[str]) -> dict[str, tuple[int, Step, str]]:
    """Work number, step and barcode of those keys that were stored before."""
    rows = await read.all(
        select(evidence.c.key, evidence.c.work_no, evidence.c.step, evidence.c.barcode).where(
            evidence.c.order_id == order_id, evidence.c.key.in_([key for key in keys if key])
        )
    )
    return {row.key: (row.work_no, Step(row.step), row.barcode) for row in rows}


async def known_proofs(read: Read, work: Work, step: Step, proofs: Sequence[Proof]) -> Collection[str]:
    """Keys stored before; refuses one that was used for something else."""
    keys = [proof.key for proof in proofs if proof.key]
    if len(set(keys)) != len(keys):
        raise problems.KeyReused("twice in one list")
    rules.must_have_happened(proofs, now=read.now)
    known = await known_keys(read, work.order_id, keys) if keys else {}
    for proof in proofs:
        if proof.key in known and known[proof.key] != (work.work_no, step, proof.barcode):
            raise problems.KeyReused(proof.key)
    return known


async def put_back(read: Read, work: Work) -> dict[LocationId, Counter[int]]:
    """Units that were put away already, by place and line."""
    units: dict[LocationId, Counter[int]] = {}
    for one in await evidence_of(read, work):
        if one.step is Step.PUT_AWAY and one.line_no is not None:
            units.setdefault(one.location_id, Counter())[one.line_no] += one.quantity
    return units


async def handed_before(read: Read, work: Work, key: str) -> bool:
    """Whether this key was sent with a hand-over of this work; refuses one that named something else."""
    keys = [f"{key}:{line.line_no}" for line in work.lines] if key else []
    known = await known_keys(read, work.order_id, keys) if keys else {}
    if any((work_no, step) != (work.work_no, Step.HAND_OVER) for work_no, step, _ in known.values()):
        raise problems.KeyReused(key)
    return bool(known)


async def evidence_of(read: Read, work: Work) -> list[Evidence]:
    """Everything that was proven about a work, oldest first."""
    rows = await read.all(
        select(
            evidence.c.evidence_id,
            evidence.c.line_no,
            evidence.c.item_id,
            evidence.c.step,
            evidence.c.kind,
            evidence.c.quantity,
            evidence.c.place,
            evidence.c.location_id,
            evidence.c.key,
        )
        .where(evidence.c.order_id == work.order_id, evidence.c.work_no == work.work_no)
        .order_by(evidence.c.recorded_at, evidence.c.evidence_id)
    )
    return [
        Evidence(
            evidence_id=row.evidence_id,
            line_no=row.line_no,
            item_id=None if row.item_id is None else ItemId(row.item_id),
            step=Step(row.step),
            kind=EvidenceKind(row.kind),
            quantity=row.quantity,
            place=row.place,
            location_id=LocationId(row.location_id),
            key=row.key,
        )
        for row in rows
    ]


async def times_undone(read: Read, work: Work) -> int:
    """How often a hand-over of this work was undone."""
    times = await read.value(
        select(func.count(evidence.c.recorded_at.distinct())).where(
            evidence.c.order_id == work.order_id,
            evidence.c.work_no == work.work_no,
            evidence.c.step == Step.UNDO.value,
        )
    )
    return int(times or 0)


async def next_code_no(read: Read, work: Work) -> int:
    """The number of the next pickup code of this work."""
    last = await read.value(
        select(func.max(pickup_codes.c.code_no)).where(
            pickup_codes.c.order_id == work.order_id, pickup_codes.c.work_no == work.work_no
        )
    )
    return int(last or 0) + 1


async def add_code(tx: Tx, work: Work, *, code_no: int, code_hash: bytes) -> None:
    """Remember the hash of a code that is given out now."""
    await tx.run(
        pickup_codes.insert().values(
            order_id=work.order_id,
            work_no=work.work_no,
            code_no=code_no,
            code_hash=code_hash,
            issued_at=tx.now,
        )
    )


async def use_code(tx: Tx, work: Work, code_no: int) -> bool:
    """Spend a code; False when it was spent or revoked before."""
    spent = await tx.run(_live(work).where(pickup_codes.c.code_no == code_no).values(used_at=tx.now))
    return spent == 1


async def revoke_codes(tx: Tx, work: Work) -> int:
    """Make all codes of this work worthless; how many were live."""
    return await tx.run(_live(work).values(revoked_at=tx.now))


def _live(work: Work) -> Any:
    return update(pickup_codes).where(
        pickup_codes.c.order_id == work.order_id,
        pickup_codes.c.work_no == work.work_no,
        pickup_codes.c.used_at.is_(None),
        pickup_codes.c.revoked_at.is_(None),
    )
