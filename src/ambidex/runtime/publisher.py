"""The publisher: gives every committed event its position and its link in the hash chain, and tells listeners once.

Identity values commit out of order, so nobody may read events by `seq`. One publisher at a time (a session advisory
lock on the connection it writes with) takes what has no position yet, in order of `seq`, and numbers it without gaps:

    hash(n) = sha256(hash(n - 1) || canonical(n)),  hash(0) = 32 zero bytes

`canonical` is the UTF-8 text of a JSON array of every column, position and seq included, as PostgreSQL writes jsonb;
times are microseconds since 1970. `runtime.chain_head` repeats the last position and hash, so that rows cut off
the end are missed too. Only the publisher notifies (architecture.md, rule 4).
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.kernel.values import dataclass, field
from ambidex.runtime import crash, telemetry, wire
from ambidex.runtime.db import Database, PinnedDatabase, Read
from ambidex.runtime.faults import go_if_called_off, is_passing, words

CHANNEL = "ambidex_events"
LOCK = 0x616D_6269_6465_78  # "ambidex"
TAKE_MAX = 5_000
BUSY_SECONDS, IDLE_SECONDS, STANDBY_SECONDS = 0.04, 0.1, 0.5
IDLE_AFTER_CYCLES = 25
NOTHING_BEFORE = bytes(32)
log = structlog.get_logger("ambidex.publisher")

_CANONICAL = """jsonb_build_array(
  seq, event_id, name, subject, order_id, location_id, actor, cause, evidence, payload,
  (extract(epoch FROM happened_at) * 1000000)::bigint, (extract(epoch FROM recorded_at) * 1000000)::bigint)::text"""
_HEAD = text("SELECT position, hash FROM runtime.chain_head WHERE one")
_WAITING = text(f"""
SELECT e.seq, e.canonical, h.position, h.hash FROM (
  SELECT seq, {_CANONICAL} AS canonical FROM runtime.events WHERE position IS NULL ORDER BY seq LIMIT :take) e
  LEFT JOIN runtime.chain_head h ON h.one ORDER BY e.seq
""")  # noqa: S608  # the text is ours, from a constant
_GIVE = text("""
WITH given AS (
  UPDATE runtime.events e SET position = g.position, hash = g.hash
  FROM unnest(CAST(:seqs AS bigint[]), CAST(:positions AS bigint[]), CAST(:hashes AS bytea[])) AS g(seq, position, hash)
  WHERE e.seq = g.seq AND e.position IS NULL RETURNING 1
), moved AS (
  INSERT INTO runtime.chain_head (one, position, hash) VALUES (true, :last, :hash)
  ON CONFLICT (one) DO UPDATE SET position = excluded.position, hash = excluded.hash RETURNING 1
)
SELECT (SELECT count(*) FROM given) AS given, pg_notify(:channel, :told) FROM moved
""")
_STEP = text(f"""
SELECT position, hash, {_CANONICAL} AS canonical FROM runtime.events
WHERE position > :after ORDER BY position LIMIT 2000
""")  # noqa: S608  # the text is ours, from a constant


@dataclass
class Publisher:
    """Runs until it is canceled; stands by while another one leads, and takes over when that one dies."""

    database: Database
    leads: bool = False
    given: int = 0
    _quiet: int = field(default=0, repr=False)

    async def watch(self) -> None:
        """Lead or stand by, for ever; a lost connection is a lost lead."""
        while True:
            try:
                async with self.database.connection() as connection:
                    await self._lead(connection)
            except Exception as fault:  # noqa: BLE001  # publishing never ends; the failure is logged
                go_if_called_off(fault)
                self.leads = False
                report = log.info if is_passing(fault) else log.exception
                report("interrupted", reason=words(fault))
                await asyncio.sleep(STANDBY_SECONDS)

    async def _lead(self, connection: AsyncConnection) -> None:
        if not await self._locked(connection):
            await asyncio.sleep(STANDBY_SECONDS)
            return
        self.leads = True
        log.info("leads")
        try:
            while True:
                given = await publish(connection)
                await asyncio.sleep(self._pause(given))
        finally:
            self.leads = False
            await (
                connection.invalidate()
            )  # the lock goes with the connection, also when it was canceled mid-way

    @staticmethod
    async def _locked(connection: AsyncConnection) -> bool:
        got = await connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": LOCK})
        await connection.commit()
        return bool(got)

    def _pause(self, given: int) -> float:
        self.given += given
        telemetry.published.inc(given)
        self._quiet = 0 if given else self._quiet + 1
        if given == TAKE_MAX:
            return 0
        return BUSY_SECONDS if self._quiet < IDLE_AFTER_CYCLES else IDLE_SECONDS


async def publish(connection: AsyncConnection) -> int:
    """One cycle on this connection; how many events got a position. Looking needs no transaction: nobody else gives."""
    rows = await wire.fetch(connection, _WAITING, {"take": TAKE_MAX})
    if not rows:
        return 0
    position, link = rows[0].position or 0, bytes(rows[0].hash or NOTHING_BEFORE)
    hashes = []
    for number, (_, canonical, _, _) in enumerate(rows, position + 1):
        link = chained(link, number, canonical)
        hashes.append(link)
    async with connection.begin_nested() if connection.in_transaction() else connection.begin():
        await _give(connection, [row[0] for row in rows], hashes, after=position)
        crash.point("publisher-before-commit")
    crash.point("publisher-after-commit")
    return len(rows)


async def _give(connection: AsyncConnection, seqs: list[int], hashes: list[bytes], *, after: int) -> None:
    last = after + len(seqs)
    given = {
        "seqs": seqs,
        "positions": list(range(after + 1, last + 1)),
        "hashes": hashes,
        "last": last,
        "hash": hashes[-1],
        "channel": CHANNEL,
        "told": str(last),
    }
    row = wire.exactly(await wire.fetch(connection, _GIVE, given))
    assert row.given == len(seqs), "two publishers led at once"


def chained(link: bytes, position: int, canonical: str) -> bytes:
    """The hash of one event after the hash of the one before."""
    return hashlib.sha256(link + f"{position}:{canonical}".encode()).digest()


async def publish_all(database: Database) -> int:
    """Publish everything that waits, once (tests, simulations and single commands)."""
    total = 0
    async with database.connection() as connection:
        while given := await publish(connection):
            total += given
        if not isinstance(database, PinnedDatabase):
            await connection.commit()
    return total


@dataclass(frozen=True, slots=True)
class Chain:
    """What walking the chain found: how many links fit, a sentence for each that does not, and where the walk ended."""

    checked: int
    broken: tuple[str, ...]
    position: int = 0
    link: bytes = NOTHING_BEFORE


async def verify_chain(
    read: Read, *, after: int = 0, link: bytes = NOTHING_BEFORE, pages: int | None = None
) -> Chain:
    """Walk all published events, or some pages of them; a changed, removed, inserted or cut-off row is named.

    The end is noted before walking, so events published meanwhile do not matter.
    """
    head = await read.maybe(_HEAD)
    end, end_link = (head.position, bytes(head.hash)) if head else (0, NOTHING_BEFORE)
    broken: list[str] = []
    position, walked = after, 0
    while walked != pages and (rows := await read.all(_STEP, {"after": position})):
        walked += 1
        for row in rows:
            broken.extend(_fault(row, after=position, link=link))
            position, link = row.position, bytes(row.hash or b"")
            if position == end and link != end_link:
                broken.append(f"position {end} is not what the chain ended with")
    if position < end and walked != pages:
        broken.append(f"positions {position + 1} to {end} are missing")
    return Chain(position - after, tuple(broken), position, link)


def _fault(row: Row[Any], *, after: int, link: bytes) -> list[str]:
    if row.position != after + 1:
        return [f"positions {after + 1} to {row.position - 1} are missing"]
    if bytes(row.hash or b"") != chained(link, row.position, row.canonical):
        return [f"position {row.position} is not what was published"]
    return []
