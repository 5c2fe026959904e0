"""Writing quotes, and reading those that an order wants to use."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains.quotes import rules
from ambidex.domains.quotes.model import QUOTE, NewQuote, Quote, QuoteState, QuoteVerb, Used
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read, Tx

_COLUMNS = """quote_id, state, channel, source, country, postcode, basket, promised, made_at, expires_at, order_id, kept,
  differences, decided, made_by"""
_ADD = text("""
INSERT INTO quotes.quotes (quote_id, state, channel, source, country, postcode, basket, promised, decided, made_by,
  made_at, expires_at)
VALUES (:quote_id, :state, :channel, :source, :country, :postcode, CAST(:basket AS jsonb), CAST(:promised AS jsonb),
  CAST(:decided AS jsonb), :made_by, :now, :expires_at)""")
_LOCK = text(f"""
SELECT {_COLUMNS} FROM quotes.quotes WHERE quote_id = ANY(CAST(:quotes AS uuid[])) ORDER BY quote_id FOR UPDATE""")  # noqa: S608  # a constant
_ONE = text(f"SELECT {_COLUMNS} FROM quotes.quotes WHERE quote_id = :quote_id")  # noqa: S608  # a constant
_USE = text("""
UPDATE quotes.quotes q SET state = :to, order_id = u.order_id, kept = u.kept,
  differences = CAST(u.differences AS jsonb), settled_at = :now
  FROM unnest(CAST(:quotes AS uuid[]), CAST(:orders AS uuid[]), CAST(:kept AS boolean[]), CAST(:differences AS text[]))
    AS u(quote_id, order_id, kept, differences)
 WHERE q.quote_id = u.quote_id AND q.state = :origin""")
_LET_GO = text("""
UPDATE quotes.quotes SET state = :to, settled_at = :now WHERE quote_id = :quote_id AND state = :origin""")

_PURGE = text("""
DELETE FROM quotes.quotes WHERE quote_id = ANY(ARRAY(
  SELECT quote_id FROM quotes.quotes WHERE expires_at < :before ORDER BY expires_at, quote_id LIMIT :limit
     FOR UPDATE SKIP LOCKED)) RETURNING quote_id""")


async def add(tx: Tx, new: NewQuote) -> None:
    """Store it, open."""
    await tx.run(
        _ADD,
        {
            "quote_id": new.quote_id,
            "state": QUOTE.start.value,
            "channel": new.channel,
            "source": new.source,
            "country": new.country,
            "postcode": new.postcode,
            "basket": json.dumps(new.basket),
            "promised": json.dumps(rules.as_json(new.promised)),
            "decided": None if new.decided is None else json.dumps(new.decided),
            "made_by": tx.actor.id,
            "now": tx.now,
            "expires_at": new.expires_at,
        },
    )


async def lock(tx: Tx, quote_ids: Collection[UUID]) -> dict[UUID, Quote]:
    """Those of these that there are, locked in order of their ids."""
    rows = await tx.all(_LOCK, {"quotes": sorted(set(quote_ids))})
    return {row.quote_id: _quote(row) for row in rows}


async def one(read: Read, quote_id: UUID) -> Quote | None:
    row = await read.maybe(_ONE, {"quote_id": quote_id})
    return None if row is None else _quote(row)


async def use(tx: Tx, used: Sequence[Used]) -> int:
    """Settle open ones by the orders that used them; how many were open."""
    return await tx.run(
        _USE,
        {
            "quotes": [one.quote_id for one in used],
            "orders": [one.order_id for one in used],
            "kept": [one.kept for one in used],
            "differences": [json.dumps(json_value(list(one.differences))) for one in used],
            "origin": QuoteState.OPEN.value,
            "to": QUOTE.after(QuoteState.OPEN, QuoteVerb.USE).value,
            "now": tx.now,
        },
    )


async def let_go(tx: Tx, quote_id: UUID) -> bool:
    """Whether it was open."""
    to = QUOTE.after(QuoteState.OPEN, QuoteVerb.LET_GO).value
    values = {"quote_id": quote_id, "origin": QuoteState.OPEN.value, "to": to, "now": tx.now}
    return bool(await tx.run(_LET_GO, values))


async def purge(tx: Tx, *, before: datetime, limit: int) -> list[UUID]:
    """Forget quotes that were over before then, the oldest first; which."""
    return [row.quote_id for row in await tx.all(_PURGE, {"before": before, "limit": limit})]


def _quote(row: Row[Any]) -> Quote:
    return Quote(
        quote_id=row.quote_id,
        state=QuoteState(row.state),
        channel=row.channel,
        source=row.source,
        country=row.country,
        postcode=row.postcode,
        basket=tuple((sku, units) for sku, units in row.basket),
        promised=rules.from_json(row.promised),
        made_at=row.made_at,
        expires_at=row.expires_at,
        order_id=None if row.order_id is None else OrderId(row.order_id),
        kept=row.kept,
        differences=tuple(row.differences),
        decided=row.decided,
        made_by=row.made_by,
    )
