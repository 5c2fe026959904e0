"""Webhooks get lost; so every minute each shop is asked what has changed, and what we missed takes the usual way in.

The cursor moves only after what was found is stored. A shop that does not answer, or whose webhooks have stopped,
becomes somebody's task.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from ambidex.domains import channels
from ambidex.domains.channels import Source
from ambidex.flows import ownership, take_in
from ambidex.flows.shop_port import SYSTEMS, Answer, Held, PlatformDown, PlatformRefused, ShopPort
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.values import dataclass
from ambidex.reads.shop_versions import applied_versions
from ambidex.runtime import inbox
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.inbox import Delivery
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

CURSOR = "orders"
DOWN_SINCE = "down-since"
PAGES_MAX = 50
TOPIC = "orders/pulled"
# so long a shop may be away, or send no webhook although its orders change, before a person is asked
DOWN_PATIENCE = timedelta(minutes=10)
SILENCE_PATIENCE = timedelta(minutes=15)
log = structlog.get_logger("ambidex.reconcile")


@dataclass(frozen=True)
class Found:
    """What one round brought: orders looked at, and those that we had missed."""

    looked_at: int = 0
    missed: int = 0


async def reconcile_all(run: Run, outside: Outside) -> bool:
    """One round over all shops; whether anything was missed anywhere."""
    async with run.reading() as read:
        page = await channels.page(read)
    shops = [(source, outside.via(SYSTEMS).shop(source)) for source in page.items]
    found = [await _round(run, source, shop) for source, shop in shops if shop is not None]
    return any(one.missed for one in found)


async def _round(run: Run, source: Source, shop: ShopPort) -> Found:
    try:
        found = await reconcile(run, source, shop)
    except (PlatformDown, PlatformRefused) as cause:
        log.info("no-answer", source=source.code, reason=cause.code)
        await run.perform(SYSTEM, note_down, source=source, reason=cause.title)
        return Found()
    await run.perform(SYSTEM, note_up, source=source, found=found)
    return found


async def reconcile(run: Run, source: Source, shop: ShopPort) -> Found:
    """Ask for everything that changed since the cursor, page by page. Raises PlatformDown, PlatformRefused."""
    async with run.reading() as read:
        cursor = await channels.cursor(read, source.source_id, kind=CURSOR) or ""
    looked_at, missed = 0, 0
    for _ in range(PAGES_MAX):
        answer = await shop.orders_updated_since(cursor)
        stored = await run.perform(SYSTEM, store_missed, source=source, answer=answer)
        cursor = answer.cursor
        looked_at, missed = looked_at + len(answer.orders), missed + stored
        if not answer.more:
            break
    if missed:
        log.info("missed", source=source.code, orders=missed)
    return Found(looked_at, missed)


async def store_missed(tx: Tx, *, source: Source, answer: Answer) -> int:
    """Store what we do not have in that version, and move the cursor; how many those were."""
    known = await applied_versions(tx, source.source_id, [held.reference for held in answer.orders])
    missed = [held for held in answer.orders if _is_newer(held, known.get(held.reference))]
    stored = [await inbox.store(tx, delivery_of(source, held)) for held in missed]
    await channels.move_cursor(tx, source.source_id, kind=CURSOR, to=answer.cursor)
    return sum(not one.again for one in stored)


def delivery_of(source: Source, held: Held) -> Delivery:
    """A pulled order as an arrival: the same version twice is the same delivery."""
    return Delivery(
        source=source.code,
        delivery_key=f"pulled:{held.reference}:{held.version.isoformat()}",
        topic=TOPIC,
        headers={},
        body=held.body,
        resource=f"order {held.number}",
        version_at=held.version,
    )


def _is_newer(held: Held, applied: datetime | None) -> bool:
    return applied is None or held.version > applied


async def note_down(tx: Tx, *, source: Source, reason: str) -> None:
    """It does not answer; after a while a person is asked, once per outage."""
    since = await _down_since(tx, source)
    if since is None:
        await channels.move_cursor(tx, source.source_id, kind=DOWN_SINCE, to=tx.now.isoformat())
        return
    if tx.now - since < DOWN_PATIENCE:
        return
    await _ask_person(
        tx,
        source,
        kind="connector_down",
        since=since,
        title=f"{source.code} does not answer",
        detail=f"Since {since:%H:%M} UTC: {reason} Orders that need it wait and are taken in when it is back.",
    )


async def note_up(tx: Tx, *, source: Source, found: Found) -> None:
    """It answers again: the outage is over, what was parked for it goes through. Silence of its webhooks is noticed."""
    since = await _down_since(tx, source)
    if since is not None:
        await channels.move_cursor(tx, source.source_id, kind=DOWN_SINCE, to="")
        await ownership.solved(tx, _key("connector_down", source, since), outcome="it answers again")
        await inbox.replay_all(tx, await inbox.parked_because(tx, source.code, says=take_in.DOWN))
    await _note_silence(tx, await channels.source(tx, source.code), found)


async def _note_silence(tx: Tx, source: Source, found: Found) -> None:
    heard_at = source.heard_at
    if heard_at is None or not found.missed or tx.now - heard_at < SILENCE_PATIENCE:
        return
    await _ask_person(
        tx,
        source,
        kind="connector_silent",
        since=heard_at,
        title=f"{source.code} sends no messages any more",
        detail=f"The last one came at {heard_at:%H:%M} UTC; its orders change and are being pulled instead.",
    )


async def _ask_person(tx: Tx, source: Source, *, kind: str, since: datetime, title: str, detail: str) -> None:
    await ownership.hand_to_person(
        tx,
        order_id=None,
        kind=kind,
        cause="platform",
        title=title,
        detail=detail,
        key=_key(kind, source, since),
        role=take_in.OWNER,
        about=ownership.About(facts={"source": source.code}),
    )


def _key(kind: str, source: Source, since: datetime) -> str:
    return f"{kind}:{source.code}:{since.isoformat()}"


async def _down_since(read: Read, source: Source) -> datetime | None:
    said = await channels.cursor(read, source.source_id, kind=DOWN_SINCE)
    return datetime.fromisoformat(said) if said else None
