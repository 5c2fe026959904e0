"""Making, moving and reading promises for decisions; every move is compare-and-set on *made*."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, select, text, tuple_, update

from ambidex.domains.promises.model import (
    OF_A_WORK,
    PROMISE,
    Milestone,
    MilestoneKind,
    NewPromise,
    Promise,
    PromiseKind,
    PromiseState,
    PromiseVerb,
)
from ambidex.domains.promises.tables import milestones, promises
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

_KEYS = orjson.OPT_NON_STR_KEYS
_COLUMNS = [promises.c[name] for name in Promise.__slots__]

# The order's row is locked by the flow, so numbering by what is there cannot race.
_MAKE = text("""
WITH asked AS (
  SELECT * FROM unnest(
    CAST(:orders AS uuid[]), CAST(:kinds AS text[]), CAST(:works AS smallint[]), CAST(:places AS uuid[]),
    CAST(:dues AS timestamptz[]), CAST(:facts AS jsonb[]), CAST(:milestones AS jsonb[]), CAST(:replaces AS smallint[]))
  WITH ORDINALITY AS a(order_id, kind, work_no, location_id, due_at, facts, milestones, replaces, ord)
), numbered AS (
  SELECT a.*, (coalesce((SELECT max(p.promise_no) FROM promises.promises p WHERE p.order_id = a.order_id), 0)
         + row_number() OVER (PARTITION BY a.order_id ORDER BY a.ord))::smallint AS promise_no
    FROM asked a
), made AS (
  INSERT INTO promises.promises
    (order_id, promise_no, kind, work_no, location_id, state, due_at, facts, milestones, reached, made_at, replaces)
  SELECT n.order_id, n.promise_no, n.kind, n.work_no, n.location_id, 'made', n.due_at, n.facts, n.milestones,
    coalesce(before.reached, '{}'), :now, n.replaces
    FROM numbered n LEFT JOIN promises.promises before
      ON before.order_id = n.order_id AND before.promise_no = n.replaces AND before.work_no = n.work_no
)
SELECT promise_no FROM numbered ORDER BY ord
""")
_FIRST = Insert.into(
    "promises.promises",
    {
        "order_id": "uuid",
        "promise_no": "smallint",
        "kind": "text",
        "work_no": "smallint",
        "location_id": "uuid",
        "due_at": "timestamptz",
        "facts": "jsonb",
        "milestones": "jsonb",
    },
    same={"state": "'made'", "made_at": ":now"},
)


async def make(tx: Tx, new: Sequence[NewPromise], *, replaces: int | None = None) -> list[int]:
    """Write promises with their milestones in one statement; what a work reached already stays reached."""
    rows = await tx.all(_MAKE, {**_arrays(new), "replaces": [replaces] * len(new), "now": tx.now})
    return [row.promise_no for row in rows]


def first(new: Sequence[NewPromise], *, now: datetime) -> Write:
    """The first promises of orders that are placed now: nobody else numbers theirs."""
    numbers: Counter[OrderId] = Counter()
    inner = _milestones(new)
    rows = []
    for n in new:
        numbers[n.order_id] += 1
        number, facts = numbers[n.order_id], orjson.dumps(n.facts).decode()
        where = (n.kind.value, n.work_no, n.location_id)
        rows.append((n.order_id, number, *where, n.due_at, facts, inner[id(n.milestones)]))
    return _FIRST.rows(rows, now=now)


def _milestones(new: Sequence[NewPromise]) -> dict[int, str]:
    """The JSON of the milestones, by their identity: orders of one list share their plans."""
    found = {id(n.milestones): n.milestones for n in new}
    return {key: orjson.dumps(dict(inner), option=_KEYS).decode() for key, inner in found.items()}


def _arrays(new: Sequence[NewPromise]) -> dict[str, Any]:
    inner = _milestones(new)
    return {
        "orders": [n.order_id for n in new],
        "kinds": [n.kind.value for n in new],
        "works": [n.work_no for n in new],
        "places": [n.location_id for n in new],
        "dues": [n.due_at for n in new],
        "facts": [orjson.dumps(n.facts).decode() for n in new],
        "milestones": [inner[id(n.milestones)] for n in new],
    }


async def move(
    tx: Tx,
    promise: Promise,
    verb: PromiseVerb,
    *,
    cause: str = "",
    kept_by: Sequence[str] = (),
    at: datetime | None = None,
) -> bool:
    """Close this version, provided that it is still open; `at`: when that happened, if not now."""
    moved = await tx.run(
        update(promises)
        .where(
            promises.c.order_id == promise.order_id,
            promises.c.promise_no == promise.promise_no,
            promises.c.state == promise.state,
        )
        .values(
            state=PROMISE.after(promise.state, verb),
            closed_at=at or tx.now,
            cause=cause,
            kept_by=list(kept_by),
        )
    )
    return moved == 1


_REACH = text("""
UPDATE promises.promises SET reached = reached || jsonb_build_object(CAST(:kind AS text), CAST(:now AS timestamptz))
 WHERE order_id = :order_id AND promise_no = :promise_no AND milestones ? :kind AND NOT reached ? :kind
RETURNING CAST(milestones ->> :kind AS timestamptz)""")


async def reach(tx: Tx, promise: Promise, kind: MilestoneKind) -> datetime | None:
    """Mark a milestone; its deadline, or None when it was reached before or was never set."""
    values = {
        "order_id": promise.order_id,
        "promise_no": promise.promise_no,
        "kind": kind.value,
        "now": tx.now,
    }
    due_at: datetime | None = await tx.value(_REACH, values)
    return due_at


async def open_promises(
    read: Read, *order_ids: OrderId, work_no: int | None = None, kind: PromiseKind | None = None
) -> list[Promise]:
    """The promises of these orders that are still to be kept."""
    question = select(*_COLUMNS).where(
        promises.c.order_id.in_(order_ids), promises.c.state == PromiseState.MADE
    )
    if work_no is not None:
        question = question.where(promises.c.work_no == work_no)
    if kind is not None:
        question = question.where(promises.c.kind == kind)
    return [
        promise_of(row)
        for row in await read.all(question.order_by(promises.c.promise_no).limit(200 * len(order_ids)))
    ]


async def open_promise(read: Read, order_id: OrderId, *, work_no: int, kind: PromiseKind) -> Promise | None:
    """The one open promise of this kind, if there is one."""
    found = await open_promises(read, order_id, work_no=work_no, kind=kind)
    return found[0] if found else None


async def promise_of_work(read: Read, order_id: OrderId, *, work_no: int) -> Promise | None:
    """The open promise that the goods of a work are ready, or with the customer, by then."""
    found = await open_promises(read, order_id, work_no=work_no)
    return next((promise for promise in found if promise.kind in OF_A_WORK), None)


async def release(
    tx: Tx, order_id: OrderId, *, cause: str, work_no: int | None = None, kind: PromiseKind | None = None
) -> list[Promise]:
    """Close every open promise that matches; those that were closed."""
    change = update(promises).where(
        promises.c.order_id == order_id, promises.c.state.in_(PROMISE.origins(PromiseVerb.RELEASE))
    )
    if work_no is not None:
        change = change.where(promises.c.work_no == work_no)
    if kind is not None:
        change = change.where(promises.c.kind == kind)
    state = PROMISE.after(PromiseState.MADE, PromiseVerb.RELEASE)
    rows = await tx.all(change.values(state=state, closed_at=tx.now, cause=cause).returning(*_COLUMNS))
    return [promise_of(row) for row in rows]


async def milestones_of(read: Read, found: Sequence[Promise]) -> list[Milestone]:
    """The inner deadlines of these versions, earliest first."""
    keys = [(p.order_id, p.promise_no) for p in found]
    rows = await read.all(
        select(milestones)
        .where(tuple_(milestones.c.order_id, milestones.c.promise_no).in_(keys))
        .order_by(milestones.c.due_at, milestones.c.kind)
        .limit(1000)
    )
    return [Milestone(r.order_id, r.promise_no, MilestoneKind(r.kind), r.due_at, r.reached_at) for r in rows]


def promise_of(row: Row[Any]) -> Promise:
    columns = row._asdict()
    return Promise(
        **{
            **columns,
            "kind": PromiseKind(row.kind),
            "state": PromiseState(row.state),
            "kept_by": tuple(row.kept_by),
        }
    )
