"""Registering sources, rotating their secrets, mapping their names, queueing and settling what they are told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains.channels import queries, rules, store
from ambidex.domains.channels.events import (
    Mapped,
    SecretRotated,
    SourceNotTold,
    SourceRegistered,
    SourceTold,
    TellingQueued,
)
from ambidex.domains.channels.model import MappingKind, NewSource, Source, StockReport, Telling, TellingState
from ambidex.domains.channels.problems import BadSource, SourceTaken
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import OrderId, SourceId
from ambidex.kernel.problem import MovedOn, Problem
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.memory import recall


async def register(tx: Tx, new: NewSource) -> Source:
    """Register a source, or find it again when kind and channel agree. SourceTaken when they do not.

    A secret is taken on registration only; later ones come through `rotate_secret`.
    """
    tx.actor.must_everywhere(Permission.SETTINGS_CHANGE)
    return await _register(tx, new)


async def sources_for(
    read: Read, codes: Collection[str], *, now: Mapping[str, int]
) -> dict[str, Source | Problem]:
    """The sources of these codes; those of our own API ("web:main") are made when first used. Refusals are values.

    Who only looks makes none: what could be made is left out. No permission asked: whoever may place orders names where
    they come from. `now` are the versions of what is remembered (runtime/memory.py).
    """
    known = await recall(read, "channels", codes, queries.sources_by_codes, now=now)
    strangers = sorted(set(codes) - known.keys())
    if isinstance(read, Tx):
        return {**known, **{code: await _made(read, code) for code in strangers}}
    refused = {code: why for code in strangers if (why := _why_not(code)) is not None}
    return {**known, **refused}


def _why_not(code: str) -> Problem | None:
    try:
        rules.named(code)
    except BadSource as refused:
        return refused
    return None


async def _made(tx: Tx, code: str) -> Source | Problem:
    try:
        return await _register(tx, rules.named(code))
    except BadSource as refused:
        return refused


async def connect(tx: Tx, source: Source, connection: Mapping[str, Any]) -> Source:
    """Say where the source's own API is."""
    tx.actor.must_everywhere(Permission.SETTINGS_CHANGE)
    await store.change_connection(tx, source.source_id, connection)
    return await queries.source(tx, source.code)


async def rotate_secret(tx: Tx, source: Source, secret: str) -> None:
    """The source signs with this from now on; the old secret is good for another hour."""
    tx.actor.must_everywhere(Permission.SETTINGS_CHANGE)
    if len(secret) < rules.SECRET_LENGTH_MIN:
        expected = f"at least {rules.SECRET_LENGTH_MIN} characters"
        raise BadSource("secret", errors=[{"field": "secret", "expected": expected}])
    await store.add_secret(tx, source.source_id, secret, old_until=tx.now + rules.OLD_SECRET_FOR)
    tx.announce(Ref("source", source.code), SecretRotated(source.code))


async def map_external(tx: Tx, source_id: SourceId, *, kind: str, external: str, internal: str) -> None:
    """From now on this outside name stands for an item (SKU) or a place (code) of ours."""
    tx.actor.must_everywhere(Permission.INBOX_REPAIR)
    if kind not in list(MappingKind) or not external or not internal:
        raise BadSource("mapping", errors=[{"field": "kind", "expected": "item | place, both names given"}])
    source = await queries.source_by_id(tx, source_id)
    await store.put_mapping(tx, source_id, kind, external, internal)
    tx.announce(Ref("source", source.code), Mapped(source.code, kind, external, internal))


async def move_cursor(tx: Tx, source_id: SourceId, *, kind: str, to: str) -> None:
    """Remember how far we have read this source."""
    await store.move_cursor(tx, source_id, kind, to)


async def heard(tx: Tx, source_id: SourceId) -> None:
    """The source sent or answered now."""
    await store.heard(tx, source_id)


async def queue_telling(
    tx: Tx, *, order_id: OrderId, source_id: SourceId, kind: str, fact_key: str, facts: Mapping[str, Any]
) -> None:
    """The source will be told this fact, once. The caller holds the order's lock."""
    new = await store.queue(tx, order_id, source_id=source_id, kind=kind, fact_key=fact_key, facts=facts)
    if new:
        tx.announce(Ref("order", order_id.hex), TellingQueued(kind, fact_key), order_id=order_id)


async def told(tx: Tx, telling: Telling, *, answer: str) -> None:
    """The source took it. MovedOn when somebody else settled it."""
    if not await store.move_telling(tx, telling, to=TellingState.TOLD, answer=answer, next_at=None):
        raise MovedOn(telling=telling.key)
    said = SourceTold(telling.kind, telling.fact_key, answer)
    tx.announce(Ref("order", telling.order_id.hex), said, order_id=telling.order_id)


async def not_told(tx: Tx, telling: Telling, *, answer: str, next_at: datetime | None) -> None:
    """It did not take it: it is asked again then, or, without a time, we give up and a person must look."""
    to = TellingState.FAILED if next_at is None else TellingState.QUEUED
    if not await store.move_telling(tx, telling, to=to, answer=answer, next_at=next_at):
        raise MovedOn(telling=telling.key)
    if next_at is None:
        said = SourceNotTold(telling.kind, telling.fact_key, answer)
        tx.announce(Ref("order", telling.order_id.hex), said, order_id=telling.order_id)


async def withdraw_tellings(
    tx: Tx, order_id: OrderId, *, kinds: list[str], reason: str, only: Telling | None = None
) -> int:
    """What is no longer true is not told any more (`only` this one, else all of these kinds); how many were withdrawn."""
    numbers = None if only is None else [only.telling_no]
    return await store.withdraw(tx, order_id, kinds=kinds, reason=reason, numbers=numbers)


async def report_stock(tx: Tx, source_id: SourceId, reports: Sequence[StockReport]) -> int:
    """The source's own word on stock, kept beside ours; an older word never replaces a newer. How many were new."""
    return await store.report_stock(tx, source_id, reports)


async def _register(tx: Tx, new: NewSource) -> Source:
    rules.check(new)
    created = await store.insert_source(tx, new)
    source = await queries.source(tx, new.code)
    if (source.kind, source.channel) != (new.kind, new.channel):
        raise SourceTaken(new.code, kind=source.kind, channel=source.channel)
    if created:
        if new.secret:
            await store.add_secret(tx, source.source_id, new.secret, old_until=tx.now)
        tx.announce(Ref("source", new.code), SourceRegistered(new.code, new.kind, new.channel))
    return source
