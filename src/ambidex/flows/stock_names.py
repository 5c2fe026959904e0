"""What the names of tills and warehouses mean here; a line whose item nobody knows waits until somebody says it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from ambidex.domains import catalogue, channels, governance, locations
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.governance import LineState, Speaker
from ambidex.flows import ownership, stock_lines
from ambidex.flows.book_lines import book_lines
from ambidex.flows.stock_lines import Known
from ambidex.flows.stock_port import SaidDocument
from ambidex.flows.stock_rights import stock_rights
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.reactions import StoredEvent

NAME_WITHIN = timedelta(hours=4)


async def names_of(read: Read, source: Source, said: Iterable[SaidDocument]) -> Known:
    """What names mean: as mapped for this source, else our own SKU, barcode or code of a place."""
    documents = list(said)
    wanted = {line.item for one in documents for line in one.lines}
    where = {one.place for one in documents}
    skus = await channels.mapped(read, source.source_id, kind="item", externals=wanted)
    codes = await channels.mapped(read, source.source_id, kind="place", externals=where)
    places = await locations.by_codes(read, {codes.get(name, name) for name in where})
    items = await catalogue.by_skus(read, {skus.get(name, name) for name in wanted})
    left = {name for name in wanted if skus.get(name, name) not in items}
    owners = await catalogue.barcode_owners(read, left)
    scanned = await catalogue.by_ids(read, set(owners.values()))
    return Known(
        {name: item for name in wanted if (item := items.get(skus.get(name, name))) is not None}
        | {name: scanned[item_id] for name, item_id in owners.items() if item_id in scanned},
        {name: place for name in where if (place := places.get(codes.get(name, name))) is not None},
    )


async def own_waiting(tx: Tx, source: Source, lines: Iterable[tuple[str, governance.Line]]) -> None:
    """Somebody says what a name means; one task for each name."""
    waiting = {line.item: line for _, line in lines if line.state is LineState.WAITING}
    _ = [
        await ownership.hand_to_person(
            tx,
            order_id=None,
            kind="unknown_item",
            cause="platform",
            title=f"Say what {item} of {source.code} is",
            detail=f"{line.reason}: its lines wait; everything else of the message was booked.",
            key=waiting_key(source, item),
            role=stock_lines.OWNER,
            about=ownership.About(due_at=tx.now + NAME_WITHIN, facts={"source": source.code, "item": item}),
        )
        for item, line in sorted(waiting.items())
    ]


def waiting_key(source: Source, item: str) -> str:
    """The task to say what a name means."""
    return f"unknown-item:{source.code}:{item}"


async def names_found(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A name was mapped (a reaction): lines that waited for it are booked, each when it happened."""
    named: dict[str, set[str]] = {}
    for event in events:
        if event.payload["kind"] == "item":
            named.setdefault(event.payload["code"], set()).add(event.payload["external"])
    _ = [await book_waiting(tx, code, items) for code, items in sorted(named.items())]


async def book_waiting(tx: Tx, code: str, items: Collection[str]) -> int:
    """Book all lines of a source that waited for these names, a list at a time; how many."""
    source = await channels.source(tx, code)
    lines = await governance.change.waiting(tx, source.source_id, items)
    if not lines:
        return 0
    ids = {line.location_id for _, line in lines}
    places = await locations.by_ids(tx, ids)
    skus = await channels.mapped(
        tx, source.source_id, kind="item", externals={line.item for _, line in lines}
    )
    found = await catalogue.by_skus(tx, {skus.get(line.item, line.item) for _, line in lines})
    rights = await stock_rights(tx, {key: place.kind.value for key, place in places.items()})
    speaker = Speaker(source.source_id, source.code, source.kind)
    known = [
        (stream, part)
        for stream, line in lines
        if (item := found.get(skus.get(line.item, line.item))) is not None
        for part in stock_lines.as_parts(_known(line, item, rights, speaker), item)
        if part.state is not LineState.WAITING
    ]
    await governance.change.found(tx, source.source_id, known)
    await book_lines(tx, source, governance.Entered([], known, []))
    _ = [
        await ownership.solved(tx, waiting_key(source, name), outcome="it has a name now")
        for name in sorted({line.item for _, line in known})
    ]
    return len(known) + (await book_waiting(tx, code, items) if known else 0)


def _known(line: governance.Line, item: Item, rights: governance.Rights, speaker: Speaker) -> governance.Line:
    fact = governance.decide.FACT_OF[line.kind]
    may = governance.decide.may_say(rights, speaker, line.location_id, fact)
    state = LineState.BOOKED if may else LineState.OBSERVED
    return replace(line, item_id=item.item_id, state=state, reason="", owner="")
