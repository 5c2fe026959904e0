"""Reading versions, examples and receipts. The versions that decide are remembered until one of them moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from ambidex.domains.routing.model import Policy
from ambidex.domains.routing.problems import UnknownReceipt, UnknownTrial, UnknownVersion
from ambidex.domains.routing.rules import atoms, document, stored
from ambidex.domains.routing.rules import price_list as scarce
from ambidex.domains.routing.rules.examples import Outcome, held, snapshot_of
from ambidex.domains.routing.rules.planning import plan, ruled
from ambidex.domains.routing.rules.snapshot import Snapshot
from ambidex.domains.routing.rules.trials import After, Pair, Replay, Trial, TrialState
from ambidex.domains.routing.rules.versions import Rulebook, Version
from ambidex.domains.routing.tables import VERSION_COLUMNS
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

FAMILY = "routing"
VERSIONS_MAX, EXAMPLES_MAX, RECEIPTS_MAX = 1_000, 500, 200
_VERSION = text("SELECT version FROM runtime.versions WHERE name = :name")
_DECIDING = text("""
SELECT brand, number, state, document, share FROM routing.versions WHERE state IN ('live', 'canary', 'shadow')
 ORDER BY brand, number LIMIT 3000""")
_ONE = text(f"SELECT {VERSION_COLUMNS} FROM routing.versions WHERE brand = :brand AND number = :number")  # noqa: S608
_ALL = text(f"""
SELECT {VERSION_COLUMNS} FROM routing.versions WHERE CAST(:brand AS text) IS NULL OR brand = :brand
 ORDER BY brand, number DESC LIMIT :limit""")  # noqa: S608  # constants
_DOCUMENTS = text("""
SELECT v.brand, v.number, v.document FROM routing.versions v
  JOIN unnest(CAST(:brands AS text[]), CAST(:numbers AS integer[])) AS a(brand, number)
    ON (v.brand, v.number) = (a.brand, a.number)""")
_EXAMPLES = text("""
SELECT name, situation, expected, changed_at, changed_by FROM routing.examples
 WHERE brand = :brand AND number = :number ORDER BY name LIMIT :limit""")
_CHANGES = text("""
SELECT revision, what, why, before, after, changed_at, changed_by, changed_by_name FROM routing.changes
 WHERE brand = :brand AND number = :number ORDER BY revision DESC LIMIT :limit""")
_RECEIPT_COLUMNS = (
    "order_id, receipt_no, cause, brand, version, arm, decided_at, took_us, fingerprint, snapshot, receipt"
)
_RECEIPTS_OF = text(
    f"SELECT {_RECEIPT_COLUMNS} FROM routing.receipts WHERE order_id = :order_id ORDER BY receipt_no DESC LIMIT :limit"  # noqa: S608
)
_RECEIPTS_OF_MANY = text(f"""
SELECT {_RECEIPT_COLUMNS} FROM routing.receipts
 WHERE (order_id, receipt_no) IN (SELECT * FROM unnest(CAST(:orders AS uuid[]), CAST(:numbers AS smallint[])))
 ORDER BY order_id, receipt_no LIMIT 5000""")  # noqa: S608  # constants
_PERIOD = text(f"""
SELECT {_RECEIPT_COLUMNS} FROM routing.receipts
 WHERE decided_at >= :from_at AND decided_at < :until_at
   AND (CAST(:brand AS text) IS NULL OR brand = :brand)
   AND (decided_at, order_id, receipt_no) > (:from_at, CAST(:order_id AS uuid), CAST(:receipt_no AS smallint))
 ORDER BY decided_at, order_id, receipt_no LIMIT :limit""")  # noqa: S608  # constants
_COUNT = text("""
SELECT count(*) FROM routing.receipts WHERE decided_at >= :from_at AND decided_at < :until_at
   AND (CAST(:brand AS text) IS NULL OR brand = :brand)""")


@dataclass(frozen=True, slots=True)
class Example:
    """A situation, and what must be decided in it."""

    name: str
    situation: Mapping[str, Any]
    expected: Mapping[str, Any]
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """A decision as it was stored; `snapshot` and `receipt` are plain values."""

    order_id: OrderId
    receipt_no: int
    cause: str
    brand: str
    version: int
    arm: str
    decided_at: datetime
    took_us: int
    fingerprint: str
    snapshot: Mapping[str, Any]
    receipt: Mapping[str, Any]

    def seen_by(self, policy: Policy) -> Snapshot:
        """What was known then, with this version of the rules, at the speed that was asked for."""
        return Snapshot.from_json(self.snapshot, policy=policy.at_speed(self.snapshot["speed"]))


async def rulebook(read: Read) -> Rulebook:
    """The versions that decide now. One statement when nothing changed."""
    return await rulebook_of(read, await read.value(_VERSION, {"name": FAMILY}))


async def rulebook_of(read: Read, version: int | None) -> Rulebook:
    """Those of a version of the family that the caller read a moment ago, in this transaction."""
    told, book = read.memory.get(FAMILY, (None, {}))
    if told != (version or 0):
        book = {FAMILY: await _load(read)}
        read.memory[FAMILY] = (version or 0, book)
    found: Rulebook = book[FAMILY]
    return found


async def _load(read: Read) -> Rulebook:
    live: dict[str, Policy] = {}
    canary: dict[str, tuple[Policy, int]] = {}
    shadow: dict[str, Policy] = {}
    for row in await read.all(_DECIDING):
        policy = document.parse(orjson.loads(row.document), number=row.number, brand=row.brand)
        if row.state == "canary":
            canary[row.brand] = (policy, row.share)
        else:
            (live if row.state == "live" else shadow)[row.brand] = policy
    return Rulebook(live, canary, shadow, await price_list(read) or scarce.NO_PRICES)


async def version(read: Read, brand: str, number: int) -> Version:
    """One version. Raises UnknownVersion."""
    row = await read.maybe(_ONE, {"brand": brand, "number": number})
    if row is None:
        raise UnknownVersion(brand=brand, number=number)
    return Version.of(row)


async def versions(read: Read, brand: str | None = None, *, limit: int = VERSIONS_MAX) -> list[Version]:
    """By brand, the newest first."""
    return [Version.of(row) for row in await read.all(_ALL, {"brand": brand, "limit": limit})]


async def policies(read: Read, keys: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Policy]:
    """The policies of versions by brand and number."""
    wanted = sorted(set(keys))
    said = {"brands": [brand for brand, _ in wanted], "numbers": [number for _, number in wanted]}
    rows = await read.all(_DOCUMENTS, said)
    return {
        (r.brand, r.number): document.parse(orjson.loads(r.document), number=r.number, brand=r.brand)
        for r in rows
    }


async def examples(read: Read, brand: str, number: int) -> list[Example]:
    """By name."""
    rows = await read.all(_EXAMPLES, {"brand": brand, "number": number, "limit": EXAMPLES_MAX})
    return [Example(r.name, r.situation, r.expected, r.changed_at, r.changed_by) for r in rows]


async def outcomes(read: Read, version: Version) -> list[Outcome]:
    """What this version decides in each of its examples."""
    policy, found = version.policy, []
    for example in await examples(read, version.brand, version.number):
        snapshot = snapshot_of(example.situation, policy)
        found.append(held(example.name, snapshot, plan(snapshot), example.expected))
    return found


async def changes(read: Read, brand: str, number: int, *, limit: int = 100) -> Sequence[Row[Any]]:
    """Who changed what and why, the newest first."""
    return await read.all(_CHANGES, {"brand": brand, "number": number, "limit": limit})


async def receipts(read: Read, order_id: OrderId) -> list[StoredReceipt]:
    """The decisions of an order, in their order; of very many the newest."""
    rows = await read.all(_RECEIPTS_OF, {"order_id": order_id, "limit": RECEIPTS_MAX})
    return [_receipt(row) for row in reversed(rows)]


async def receipt(read: Read, order_id: OrderId, receipt_no: int | None = None) -> StoredReceipt:
    """One decision, the last when none is named. Raises UnknownReceipt."""
    found = [one for one in await receipts(read, order_id) if receipt_no in {None, one.receipt_no}]
    if not found:
        raise UnknownReceipt(order_id=str(order_id), receipt_no=receipt_no)
    return found[-1]


async def one_place_could(read: Read, decided: StoredReceipt) -> bool:
    """Whether one place could have sent all of it, by what was known then and the rules that decided."""
    known = await policies(read, [(decided.brand, decided.version)])
    snapshot = decided.seen_by(known[decided.brand, decided.version])
    return atoms.one_place_could(snapshot, ruled(snapshot))


async def receipts_by(read: Read, keys: Sequence[tuple[OrderId, int]]) -> list[StoredReceipt]:
    """These decisions, as far as there are any."""
    said = {"orders": [order for order, _ in keys], "numbers": [number for _, number in keys]}
    return [_receipt(row) for row in await read.all(_RECEIPTS_OF_MANY, said)]


NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Span:
    """Decisions from one moment until just before another; of one brand, or of all (None)."""

    from_at: datetime
    until_at: datetime
    brand: str | None = None

    @property
    def said(self) -> dict[str, Any]:
        return {"from_at": self.from_at, "until_at": self.until_at, "brand": self.brand}


async def decided(read: Read, span: Span, *, after: After | None, limit: int) -> list[StoredReceipt]:
    """The next decisions of a span, in the order in which they were made."""
    at = after or After(span.from_at, NOBODY, 0)
    said = span.said | {"from_at": at.decided_at, "order_id": at.order_id, "receipt_no": at.receipt_no}
    return [_receipt(row) for row in await read.all(_PERIOD, said | {"limit": limit})]


async def count_decided(read: Read, span: Span) -> int:
    return int(await read.value(_COUNT, span.said))


_TRIAL_COLUMNS = """trial_id, brand, number, against_brand, against, from_at, until_at, decisions_max, state, total, done, after_at,
  after_order, after_receipt, result, asked_at, asked_by_name, ended_at"""
_TRIAL = text(f"SELECT {_TRIAL_COLUMNS} FROM routing.trials WHERE trial_id = :trial_id")  # noqa: S608  # constants
_NEXT_TRIAL = text(f"""
SELECT {_TRIAL_COLUMNS} FROM routing.trials WHERE state IN ('asked', 'running')
 ORDER BY state DESC, asked_at LIMIT 1""")  # noqa: S608  # constants
_TRIALS_OF = text(f"""
SELECT {_TRIAL_COLUMNS} FROM routing.trials WHERE brand = :brand AND (CAST(:number AS integer) IS NULL OR number = :number)
 ORDER BY asked_at DESC LIMIT :limit""")  # noqa: S608  # constants
_WAITING_TRIALS = text("SELECT count(*) FROM routing.trials WHERE state IN ('asked', 'running')")
_STEPS = text("SELECT rows FROM routing.trial_steps WHERE trial_id = :trial_id ORDER BY step_no LIMIT 10000")
_REPLAY_COLUMNS = "day, total, same, after_at, after_order, after_receipt, began_at, ended_at"
_REPLAY = text(f"SELECT {_REPLAY_COLUMNS} FROM routing.replays WHERE day = :day")  # noqa: S608  # constants
_REPLAYS = text(f"SELECT {_REPLAY_COLUMNS} FROM routing.replays ORDER BY day DESC LIMIT :limit")  # noqa: S608


async def trial(read: Read, trial_id: UUID) -> Trial:
    """Raises UnknownTrial."""
    row = await read.maybe(_TRIAL, {"trial_id": trial_id})
    if row is None:
        raise UnknownTrial(trial=str(trial_id))
    return _trial(row)


async def next_trial(read: Read) -> Trial | None:
    """One that has begun before one that waits; None when all have ended."""
    row = await read.maybe(_NEXT_TRIAL)
    return None if row is None else _trial(row)


async def trials(read: Read, brand: str, number: int | None = None, *, limit: int = 20) -> list[Trial]:
    """The newest first."""
    said = {"brand": brand, "number": number, "limit": limit}
    return [_trial(row) for row in await read.all(_TRIALS_OF, said)]


_ASKED_ABOUT = text("""
SELECT least((SELECT min(from_at) FROM routing.trials WHERE state IN ('asked', 'running')),
             (SELECT min(state_since) FROM routing.versions WHERE state IN ('shadow', 'canary')))""")


async def asked_about_since(read: Read) -> datetime | None:
    """From when on somebody measures decisions now: simulations, and versions in shadow or on trial."""
    found: datetime | None = await read.value(_ASKED_ABOUT)
    return found


async def trials_waiting(read: Read) -> int:
    return int(await read.value(_WAITING_TRIALS))


async def pairs(read: Read, trial_id: UUID) -> list[Pair]:
    """All that was measured."""
    steps = await read.all(_STEPS, {"trial_id": trial_id})
    return [Pair.from_json(one) for step in steps for one in step.rows]


async def replay(read: Read, day: date) -> Replay | None:
    row = await read.maybe(_REPLAY, {"day": day})
    return None if row is None else _replay(row)


async def replays(read: Read, *, limit: int = 14) -> list[Replay]:
    """The newest first."""
    return [_replay(row) for row in await read.all(_REPLAYS, {"limit": limit})]


_DIFFERENCES = text("""
SELECT order_id, receipt_no, what FROM routing.differences WHERE day = :day ORDER BY order_id, receipt_no LIMIT 1000""")


async def differences(read: Read, day: date) -> list[tuple[UUID, int, str]]:
    """What did not come out the same when the day was replayed last."""
    return [(row.order_id, row.receipt_no, row.what) for row in await read.all(_DIFFERENCES, {"day": day})]


def _replay(row: Row[Any]) -> Replay:
    return Replay(row.day, row.total, row.same, _after(row), row.began_at, row.ended_at)


def _trial(row: Row[Any]) -> Trial:
    return Trial(
        row.trial_id,
        row.brand,
        row.number,
        row.against_brand,
        row.against,
        row.from_at,
        row.until_at,
        row.decisions_max,
        TrialState(row.state),
        row.total,
        row.done,
        _after(row),
        row.result,
        row.asked_at,
        row.asked_by_name,
        row.ended_at,
    )


def _after(row: Row[Any]) -> After | None:
    return None if row.after_at is None else After(row.after_at, row.after_order, row.after_receipt)


def _receipt(row: Row[Any]) -> StoredReceipt:
    return StoredReceipt(
        OrderId(row.order_id),
        row.receipt_no,
        row.cause,
        row.brand,
        row.version,
        row.arm,
        row.decided_at,
        row.took_us,
        row.fingerprint,
        stored.unpack(row.snapshot),
        stored.unpack(row.receipt),
    )


_PRICE_LIST = text("""
SELECT number, state, why, past, days, season, every, proof, priced, made_at, made_by FROM routing.price_lists
 ORDER BY number DESC LIMIT 1""")


async def price_list(read: Read) -> scarce.PriceList | None:
    """The newest prices of scarce stock, whether they count or not."""
    row = await read.maybe(_PRICE_LIST)
    if row is None:
        return None
    return scarce.PriceList(
        scarce.PricesState(row.state),
        scarce.WhyOff(row.why),
        row.past,
        row.days,
        row.season,
        row.every,
        scarce.Proof.from_json(row.proof),
        {
            sku: {at: (one[0], one[1]) for at, one in there.items()}
            for sku, there in stored.unpack(row.priced).items()
        },
        row.number,
        row.made_at,
        row.made_by,
    )
