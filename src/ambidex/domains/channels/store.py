"""Writing sources, secrets, mappings, cursors and tellings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, true, update
from sqlalchemy.dialects.postgresql import insert

from ambidex.domains.channels.model import NewSource, StockReport, Telling, TellingState
from ambidex.domains.channels.tables import cursors, mappings, secrets, sources, tellings
from ambidex.kernel.ids import OrderId, SourceId
from ambidex.runtime.db import Tx

_QUEUE = text("""
INSERT INTO channels.tellings (order_id, telling_no, source_id, kind, fact_key, facts, next_at, queued_at)
SELECT :order_id, coalesce(max(telling_no), 0) + 1, :source_id, :kind, :fact_key, CAST(:facts AS jsonb), :now, :now
  FROM channels.tellings WHERE order_id = :order_id
ON CONFLICT (order_id, fact_key) DO NOTHING
RETURNING telling_no
""")

_REPORT = text("""
INSERT INTO channels.stock_reports (source_id, item, place, available, version_at, reported_at)
SELECT DISTINCT ON (item, place) :source_id, item, place, available, version_at, :now
  FROM unnest(CAST(:items AS text[]), CAST(:places AS text[]), CAST(:counts AS integer[]),
              CAST(:versions AS timestamptz[])) AS a(item, place, available, version_at)
 ORDER BY item, place, version_at DESC
ON CONFLICT (source_id, item, place) DO UPDATE
   SET available = excluded.available, version_at = excluded.version_at, reported_at = excluded.reported_at
 WHERE stock_reports.version_at < excluded.version_at
""")


async def insert_source(tx: Tx, new: NewSource) -> bool:
    """Store it unless the code is known; whether it is new."""
    found = await tx.maybe(
        insert(sources)
        .values(
            source_id=tx.new_id(),
            code=new.code,
            kind=new.kind,
            channel=new.channel,
            connection=dict(new.connection),
            speakers=dict(new.speakers or {}),
            created_at=tx.now,
        )
        .on_conflict_do_nothing(index_elements=["code"])
        .returning(sources.c.source_id)
    )
    return found is not None


async def change_connection(tx: Tx, source_id: SourceId, connection: Mapping[str, Any]) -> None:
    """Where its API is from now on."""
    await tx.run(update(sources).where(sources.c.source_id == source_id).values(connection=dict(connection)))


async def add_secret(tx: Tx, source_id: SourceId, secret: str, *, old_until: datetime) -> None:
    """The newest secret; earlier ones that were still good end at `old_until`."""
    s = secrets.c
    await tx.run(
        update(secrets).where(s.source_id == source_id, s.valid_until.is_(None)).values(valid_until=old_until)
    )
    number = select(func.coalesce(func.max(s.secret_no), 0) + 1).where(s.source_id == source_id)
    await tx.run(
        insert(secrets).values(source_id=source_id, secret_no=number.scalar_subquery(), secret=secret)
    )


async def put_mapping(tx: Tx, source_id: SourceId, kind: str, external: str, internal: str) -> None:
    """From now on the outside name stands for this."""
    new = insert(mappings).values(
        source_id=source_id,
        kind=kind,
        external=external,
        internal=internal,
        mapped_at=tx.now,
        mapped_by=tx.actor.id,
    )
    await tx.run(
        new.on_conflict_do_update(
            index_elements=["source_id", "kind", "external"],
            set_={
                "internal": new.excluded.internal,
                "mapped_at": new.excluded.mapped_at,
                "mapped_by": new.excluded.mapped_by,
            },
        )
    )


async def move_cursor(tx: Tx, source_id: SourceId, kind: str, to: str) -> None:
    """Remember how far we have read."""
    new = insert(cursors).values(source_id=source_id, kind=kind, cursor=to, moved_at=tx.now)
    await tx.run(
        new.on_conflict_do_update(
            index_elements=["source_id", "kind"],
            set_={"cursor": new.excluded.cursor, "moved_at": new.excluded.moved_at},
        )
    )


async def heard(tx: Tx, source_id: SourceId) -> None:
    """It is alive: it sent or answered now."""
    await tx.run(update(sources).where(sources.c.source_id == source_id).values(heard_at=tx.now))


async def queue(
    tx: Tx, order_id: OrderId, *, source_id: SourceId, kind: str, fact_key: str, facts: Mapping[str, Any]
) -> bool:
    """Queue one telling; whether it was not queued before. The caller holds the order's lock."""
    row = await tx.maybe(
        _QUEUE,
        {
            "order_id": order_id,
            "source_id": source_id,
            "kind": kind,
            "fact_key": fact_key,
            "facts": json.dumps(dict(facts), default=str),
            "now": tx.now,
        },
    )
    return row is not None


async def move_telling(
    tx: Tx, telling: Telling, *, to: TellingState, answer: str, next_at: datetime | None
) -> bool:
    """Settle or postpone a queued telling, provided that nobody else did; whether it was moved."""
    t = tellings.c
    moved = await tx.maybe(
        update(tellings)
        .where(
            t.order_id == telling.order_id,
            t.telling_no == telling.telling_no,
            t.state == TellingState.QUEUED.value,
            t.attempts == telling.attempts,
        )
        .values(
            state=to.value,
            answer=answer,
            next_at=next_at,
            attempts=t.attempts + 1,
            settled_at=None if to is TellingState.QUEUED else tx.now,
        )
        .returning(t.telling_no)
    )
    return moved is not None


async def withdraw(
    tx: Tx, order_id: OrderId, *, kinds: list[str], reason: str, numbers: list[int] | None
) -> int:
    """Queued tellings of these kinds (and numbers, when given) will not be told any more; how many."""
    t = tellings.c
    numbered = true() if numbers is None else t.telling_no.in_(numbers)
    return await tx.run(
        update(tellings)
        .where(t.order_id == order_id, t.kind.in_(kinds), t.state == TellingState.QUEUED.value, numbered)
        .values(state=TellingState.WITHDRAWN.value, answer=reason, next_at=None, settled_at=tx.now)
    )


async def report_stock(tx: Tx, source_id: SourceId, reports: Sequence[StockReport]) -> int:
    """Keep what is newer than what was kept; how many that were."""
    return await tx.run(
        _REPORT,
        {
            "source_id": source_id,
            "items": [one.item for one in reports],
            "places": [one.place for one in reports],
            "counts": [one.available for one in reports],
            "versions": [one.version_at for one in reports],
            "now": tx.now,
        },
    )
