"""Writing versions (each change compares the revision it was decided on) and receipts of decisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from ambidex.domains.routing.model import Plan
from ambidex.domains.routing.rules.money import money_of
from ambidex.domains.routing.rules.price_list import PriceList
from ambidex.domains.routing.rules.reading import lines_of
from ambidex.domains.routing.rules.stored import pack, receipt_json
from ambidex.domains.routing.rules.trials import TRIAL, After, Pair, Replay, Shadow, Trial, TrialVerb
from ambidex.domains.routing.rules.versions import (
    VERSION,
    Canary,
    Metric,
    NewReceipt,
    Version,
    VersionState,
    VersionVerb,
)
from ambidex.domains.routing.tables import VERSION_COLUMNS
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx, Write
from ambidex.runtime.inserts import Insert

_LOCK = text(
    f"SELECT {VERSION_COLUMNS} FROM routing.versions WHERE brand = :brand AND number = :number FOR UPDATE"  # noqa: S608
)
_LOCK_IN_STATE = text(
    f"SELECT {VERSION_COLUMNS} FROM routing.versions WHERE brand = :brand AND state = :state FOR UPDATE"  # noqa: S608
)
# two who begin a draft at once get a number each: one waits for the other
_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('routing versions ' || :brand, 0))")
_BEGIN = text(f"""
INSERT INTO routing.versions (brand, number, name, document, state_since, created_at, changed_at, changed_by,
  changed_by_name)
SELECT :brand, 1 + coalesce(max(number), 0), :name, :document, :now, :now, :now, :actor, :actor_name
  FROM routing.versions WHERE brand = :brand
RETURNING {VERSION_COLUMNS}""")  # noqa: S608  # constants
_WRITE = text("""
UPDATE routing.versions SET document = :document, name = :name, revision = revision + 1, changed_at = :now,
  changed_by = :actor, changed_by_name = :actor_name
 WHERE brand = :brand AND number = :number AND revision = :revision AND state = 'draft' RETURNING revision""")
_MOVE = text("""
UPDATE routing.versions SET state = :to, revision = revision + 1, state_since = :now, share = :share,
  metric = :metric, threshold = :threshold, orders_min = :orders_min, changed_at = :now, changed_by = :actor,
  changed_by_name = :actor_name
 WHERE brand = :brand AND number = :number AND state = :state AND revision = :revision RETURNING revision""")
_PUT_EXAMPLE = text("""
INSERT INTO routing.examples (brand, number, name, situation, expected, changed_at, changed_by)
VALUES (:brand, :number, :name, CAST(:situation AS jsonb), CAST(:expected AS jsonb), :now, :actor)
ON CONFLICT (brand, number, name) DO UPDATE SET situation = excluded.situation, expected = excluded.expected,
  changed_at = excluded.changed_at, changed_by = excluded.changed_by""")
_COPY_EXAMPLES = text("""
INSERT INTO routing.examples (brand, number, name, situation, expected, changed_at, changed_by)
SELECT :brand, :number, name, situation, expected, :now, :actor FROM routing.examples
 WHERE brand = :from_brand AND number = :from_number""")
_DROP_EXAMPLE = text("""
DELETE FROM routing.examples WHERE brand = :brand AND number = :number AND name = :name RETURNING name""")
_NOTE = text("""
INSERT INTO routing.changes (brand, number, revision, what, why, before, after, changed_at, changed_by, changed_by_name)
VALUES (:brand, :number, :revision, :what, :why, :before, :after, :now, :actor, :actor_name)""")


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed of a version, why, and the text before and after."""

    what: str
    why: str
    before: str = ""
    after: str = ""


async def lock(tx: Tx, brand: str, number: int) -> Version | None:
    """A version as it stands, until the end of the transaction."""
    row = await tx.maybe(_LOCK, {"brand": brand, "number": number})
    return None if row is None else Version.of(row)


async def lock_in_state(tx: Tx, brand: str, state: VersionState) -> Version | None:
    """The one version of the brand in this state (live, canary or shadow)."""
    row = await tx.maybe(_LOCK_IN_STATE, {"brand": brand, "state": state.value})
    return None if row is None else Version.of(row)


async def take_turn(tx: Tx, brand: str) -> None:
    """Who begins or moves versions of a brand does it one after the other."""
    await tx.value(_TURN, {"brand": brand})


async def begin(tx: Tx, brand: str, document: Mapping[str, Any]) -> Version:
    """A new draft under the next number. The turn is the caller's."""
    said = {"brand": brand, "name": document["name"], "document": lines_of(document)}
    return Version.of(await tx.one(_BEGIN, said | _by(tx)))


async def write(tx: Tx, version: Version, document: Mapping[str, Any]) -> int | None:
    """Another text of a draft; its new revision, None when it has moved on."""
    said = {"document": lines_of(document), "name": document["name"]}
    moved = await tx.value(_WRITE, said | _key(version) | {"revision": version.revision} | _by(tx))
    return None if moved is None else int(moved)


async def move(tx: Tx, version: Version, verb: VersionVerb, *, canary: Canary | None = None) -> int | None:
    """Provided that it is still as it was decided on; the new revision."""
    terms = canary or Canary(0, Metric.REFUSED, 0, 0)
    said = {
        "state": version.state.value,
        "to": VERSION.after(version.state, verb).value,
        "revision": version.revision,
        "share": terms.share,
        "metric": terms.metric.value if canary else "",
        "threshold": terms.threshold,
        "orders_min": terms.orders_min,
    }
    moved = await tx.value(_MOVE, said | _key(version) | _by(tx))
    return None if moved is None else int(moved)


async def put_example(
    tx: Tx, version: Version, name: str, *, situation: Mapping[str, Any], expected: Mapping[str, Any]
) -> None:
    said = {"situation": _json(situation), "expected": _json(expected)}
    await tx.run(_PUT_EXAMPLE, {**_key(version), "name": name, **said, "now": tx.now, "actor": tx.actor.id})


async def copy_examples(tx: Tx, to: Version, of: tuple[str, int]) -> int:
    said = {"from_brand": of[0], "from_number": of[1], "now": tx.now, "actor": tx.actor.id}
    return await tx.run(_COPY_EXAMPLES, _key(to) | said)


async def drop_example(tx: Tx, version: Version, name: str) -> bool:
    return await tx.maybe(_DROP_EXAMPLE, _key(version) | {"name": name}) is not None


async def note(tx: Tx, version: Version, revision: int, change: Change) -> None:
    """Who changed what and why, under the revision that came of it."""
    said = {"what": change.what, "why": change.why, "before": change.before, "after": change.after}
    await tx.run(_NOTE, {**_key(version), "revision": revision, **said, **_by(tx)})


_RECEIPTS = Insert.into(
    "routing.receipts",
    {
        "order_id": "uuid", "receipt_no": "smallint", "cause": "text", "brand": "text", "version": "integer",
        "arm": "text", "decided_at": "timestamptz", "took_us": "integer", "fingerprint": "text", "snapshot": "bytea",
        "receipt": "bytea", "cost": "bigint", "parts": "smallint", "units": "integer", "unfilled": "integer",
        "meters": "bigint", "late": "boolean",
    },
)  # fmt: skip
_NEXT = text("""
SELECT order_id, max(receipt_no) AS last FROM routing.receipts WHERE order_id = ANY(CAST(:orders AS uuid[]))
 GROUP BY order_id""")


def begun(new: Sequence[NewReceipt]) -> Write:
    """These receipts, as one change among others of one statement."""
    return _RECEIPTS.rows([_row(one) for one in new])


async def last_numbers(read: Read, orders: Sequence[Any]) -> dict[Any, int]:
    """How many decisions each order has had."""
    return {row.order_id: row.last for row in await read.all(_NEXT, {"orders": list(orders)})}


_FORGET_RECEIPTS = text("""
WITH old AS (
  SELECT o, n FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[])) AS a(o, n)),
shadows AS (DELETE FROM routing.shadows s USING old WHERE s.order_id = old.o AND s.receipt_no = old.n),
differences AS (DELETE FROM routing.differences d USING old WHERE d.order_id = old.o AND d.receipt_no = old.n)
DELETE FROM routing.receipts r USING old WHERE r.order_id = old.o AND r.receipt_no = old.n""")


async def forget_receipts(tx: Tx, keys: Sequence[tuple[Any, int]]) -> int:
    """These receipts, and what was noted beside them."""
    said = {"orders": [order_id for order_id, _ in keys], "numbers": [number for _, number in keys]}
    return await tx.run(_FORGET_RECEIPTS, said)


def _row(new: NewReceipt) -> tuple[Any, ...]:
    demand, plan, receipt = new.snapshot.demand, new.receipt.chosen, new.receipt
    return (
        new.order_id, new.receipt_no, new.cause, new.snapshot.policy.brand, receipt.version, new.arm, new.decided_at,
        new.took_us, receipt.fingerprint, pack(stored_snapshot(new)), pack(receipt_json(receipt)), money_of(plan),
        len(plan.parts), sum(line.units for line in demand.lines), sum(plan.unfilled.values()),
        sum(part.metres for part in plan.parts), is_late(plan, demand.promised_by),
    )  # fmt: skip


def stored_snapshot(new: NewReceipt) -> dict[str, Any]:
    """Without the policy: versions that decided keep their document for ever, so their number says it, and the speed."""
    plain = {name: value for name, value in new.snapshot.as_json().items() if name != "policy"}
    return {**plain, "speed": new.snapshot.policy.speed}


def is_late(plan: Plan, promised_by: int | None) -> bool:
    """Whether it was decided that something comes after what was promised or wished."""
    return promised_by is not None and (plan.arrives_at or 0) > promised_by


def _key(version: Version) -> dict[str, Any]:
    return {"brand": version.brand, "number": version.number}


def _by(tx: Tx) -> dict[str, Any]:
    return {"now": tx.now, "actor": tx.actor.id, "actor_name": tx.actor.name}


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


_ASK_TRIAL = text("""
INSERT INTO routing.trials (trial_id, brand, number, against_brand, against, from_at, until_at, decisions_max, asked_at,
  asked_by, asked_by_name)
VALUES (:trial_id, :brand, :number, :against_brand, :against, :from_at, :until_at, :decisions_max, :now, :actor,
  :actor_name)""")
_MOVE_TRIAL = text("""
UPDATE routing.trials SET state = :to, total = coalesce(:total, total), result = coalesce(CAST(:result AS jsonb), result),
  ended_at = :ended_at
 WHERE trial_id = :trial_id AND state = :state RETURNING trial_id""")
_STEP = text("""
WITH moved AS (
  UPDATE routing.trials SET done = done + :looked, after_at = :after_at, after_order = :after_order,
    after_receipt = :after_receipt
   WHERE trial_id = :trial_id AND state = 'running' AND done = :done RETURNING trial_id)
INSERT INTO routing.trial_steps (trial_id, step_no, rows) SELECT trial_id, :done, CAST(:rows AS jsonb) FROM moved""")
_SHADOWS = Insert.into(
    "routing.shadows",
    {
        "order_id": "uuid", "receipt_no": "smallint", "brand": "text", "number": "integer",
        "decided_at": "timestamptz", "differs": "boolean", "sent_from": "text", "sent_from_live": "text",
        "pair": "jsonb",
    },
)  # fmt: skip
_KEPT_ONCE = " ON CONFLICT DO NOTHING"


async def ask_trial(tx: Tx, trial: Trial) -> None:
    said = {
        name: getattr(trial, name)
        for name in ("trial_id", "brand", "number", "against_brand", "against", "from_at", "until_at")
    }
    await tx.run(_ASK_TRIAL, {**said, "decisions_max": trial.decisions_max, **_by(tx)})


async def move_trial(
    tx: Tx,
    trial: Trial,
    verb: TrialVerb,
    *,
    total: int | None = None,
    result: Mapping[str, Any] | None = None,
) -> bool:
    """Provided that it is still in the state we decided on."""
    to = TRIAL.after(trial.state, verb)
    said = {
        "state": trial.state.value,
        "to": to.value,
        "total": total,
        "ended_at": tx.now if to in TRIAL.ends else None,
    }
    packed = None if result is None else _json(result)
    return await tx.maybe(_MOVE_TRIAL, {"trial_id": trial.trial_id, "result": packed, **said}) is not None


async def step_trial(tx: Tx, trial: Trial, *, looked: int, after: After, pairs: Sequence[Pair]) -> bool:
    """Keep what was measured and how far it went; False when somebody else did, or stopped it."""
    said = {"looked": looked, "after_at": after.decided_at, "after_order": after.order_id}
    rows = orjson.dumps([one.as_json() for one in pairs]).decode()
    told = {"trial_id": trial.trial_id, "done": trial.done, "after_receipt": after.receipt_no, "rows": rows}
    return await tx.run(_STEP, said | told) == 1


async def keep_shadows(tx: Tx, found: Sequence[Shadow]) -> None:
    """What a shadow would have done; once for a decision."""
    rows = [
        (
            one.order_id, one.receipt_no, one.brand, one.number, one.decided_at, one.pair.differs, one.sent_from,
            one.sent_from_live, orjson.dumps(one.pair.as_json()).decode(),
        )
        for one in found
    ]  # fmt: skip
    write = _SHADOWS.rows(rows)
    await tx.write(Write(write.sql + _KEPT_ONCE, write.values))


_BEGIN_REPLAY = text("""
INSERT INTO routing.replays (day, began_at) VALUES (:day, :now) ON CONFLICT (day) DO NOTHING""")
_ANEW = text("""
UPDATE routing.replays SET total = 0, same = 0, after_at = NULL, after_order = NULL, after_receipt = NULL,
  began_at = :now, ended_at = NULL WHERE day = :day AND ended_at IS NOT NULL""")
_FORGET = text("DELETE FROM routing.differences WHERE day = :day")
_STEP_REPLAY = text("""
UPDATE routing.replays SET total = total + :looked, same = same + :same, after_at = :after_at,
  after_order = :after_order, after_receipt = :after_receipt, ended_at = :ended_at
 WHERE day = :day AND total = :total AND ended_at IS NULL RETURNING day""")
_DIFFERENCE = text("""
INSERT INTO routing.differences (order_id, receipt_no, day, what, found_at)
SELECT o, r, :day, w, :now FROM unnest(CAST(:orders AS uuid[]), CAST(:receipts AS smallint[]), CAST(:what AS text[]))
  AS a(o, r, w) ON CONFLICT (order_id, receipt_no) DO UPDATE SET what = excluded.what, found_at = excluded.found_at""")


async def begin_replay(tx: Tx, day: date, *, anew: bool) -> None:
    """The replay of a day goes on where it stopped; `anew`: once more from its morning if it had ended."""
    await tx.run(_BEGIN_REPLAY, {"day": day, "now": tx.now})
    if anew and await tx.run(_ANEW, {"day": day, "now": tx.now}):
        await tx.run(_FORGET, {"day": day})


async def step_replay(
    tx: Tx, replay: Replay, *, looked: int, differences: Sequence[tuple[UUID, int, str]], after: After | None
) -> bool:
    """So many were made once more, and these came out otherwise; without `after` the day has ended."""
    at = after or replay.after
    said = {
        "day": replay.day,
        "total": replay.total,
        "looked": looked,
        "same": looked - len(differences),
        "after_at": at.decided_at if at else None,
        "after_order": at.order_id if at else None,
        "after_receipt": at.receipt_no if at else None,
        "ended_at": tx.now if after is None else None,
    }
    if await tx.maybe(_STEP_REPLAY, said) is None:
        return False
    if differences:
        orders, receipts, what = zip(*differences, strict=True)
        told = {"orders": list(orders), "receipts": list(receipts), "what": list(what)}
        await tx.run(_DIFFERENCE, {"day": replay.day, "now": tx.now, **told})
    return True


PRICE_LISTS_KEPT = 60
_PRICES_TURN = text("SELECT pg_advisory_xact_lock(hashtextextended('routing prices', 0))")
_KEEP_PRICES = text("""
INSERT INTO routing.price_lists (number, state, why, past, days, season, every, proof, priced, made_at, made_by)
SELECT 1 + coalesce(max(number), 0), :state, :why, :past, :days, :season, :every, CAST(:proof AS jsonb), :priced, :now, :by
  FROM routing.price_lists RETURNING number""")
_FORGET_PRICES = text("DELETE FROM routing.price_lists WHERE number <= :upto")


async def take_prices_turn(tx: Tx) -> None:
    """Nobody else keeps prices until the end of the transaction."""
    await tx.value(_PRICES_TURN)


async def keep_prices(tx: Tx, made: PriceList) -> int:
    """The newest list from now on; its number. The oldest are forgotten, as receipts keep what was used of them."""
    await take_prices_turn(tx)
    said = {"state": made.state.value, "why": made.why.value, "past": made.past, "days": made.days}
    terms = {"season": made.season, "every": made.every, "now": tx.now, "by": tx.actor.name}
    proof = orjson.dumps(made.proof.as_json()).decode()
    number = int(await tx.value(_KEEP_PRICES, said | terms | {"proof": proof, "priced": pack(made.priced)}))
    await tx.run(_FORGET_PRICES, {"upto": number - PRICE_LISTS_KEPT})
    return number
