"""From a system's words on stock to ours, purely: which item and place a line means, and whether it may say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from ambidex.domains.catalogue import Item
from ambidex.domains.governance import (
    Document,
    DocumentKind,
    Fact,
    Level,
    Line,
    LineKind,
    LineState,
    Rights,
    Speaker,
    decide,
)
from ambidex.domains.inventory import Movement
from ambidex.domains.locations import Location
from ambidex.flows import shop_words
from ambidex.flows.kits import made_of
from ambidex.flows.stock_port import SaidDocument, SaidLine
from ambidex.kernel.values import dataclass, replace

OWNER = "experience"
CAUSES = {
    LineKind.SALE: "sold",
    LineKind.RETURN: "returned",
    LineKind.RECEIPT: "received",
    LineKind.ADJUST: "adjusted",
}
SUPPLIER, CUSTOMER, FOUND, WRITTEN_OFF, SHELF = "supplier", "customer", "found", "written_off", "sellable"


@dataclass(frozen=True)
class Known:
    """What names mean here: item as said -> item, place as said -> place; unknown ones are absent."""

    items: Mapping[str, Item]
    places: Mapping[str, Location]


def not_after(said: SaidDocument, heard_at: datetime) -> SaidDocument:
    """What was heard has happened, whatever the sender's clock says: else its void would land behind a later count."""
    lines = (
        one if one.happened_at is None else replace(one, happened_at=min(one.happened_at, heard_at))
        for one in said.lines
    )
    return replace(said, happened_at=min(said.happened_at, heard_at), lines=tuple(lines))


def document_of(
    said: SaidDocument, known: Known, rights: Rights, speaker: Speaker, message_id: UUID | None
) -> Document:
    """The document under our names, each line with the state it will have. Its place must be known."""
    place = known.places[said.place]
    lines = tuple(_line(said, one, known, rights, speaker) for one in said.lines)
    stand = [part for line in lines for part in as_parts(line, known.items.get(line.item))]
    return Document(
        stream=said.stream,
        document=said.document,
        kind=said.kind,
        location_id=place.location_id,
        happened_at=said.happened_at,
        content=decide.content_of(f"{place.code} complete" if said.complete else place.code, lines),
        number=said.number,
        voids=said.voids,
        lines=tuple(stand),
        message_id=message_id,
        complete=said.complete,
    )


def as_parts(line: Line, item: Item | None) -> list[Line]:
    """The line as it stands here: a kit that moved is its components; one that was counted waits for a better word."""
    if item is None or not item.is_kit:
        return [line]
    if line.kind is LineKind.COUNT:
        reason = f"{line.item} is a kit ({made_of(item)}): nobody can count it, only what it is made of."
        return [replace(line, item_id=None, state=LineState.WAITING, reason=reason, owner=OWNER)]
    return [
        replace(line, item_id=one.item_id, units=line.units * one.quantity, part=part)
        for part, one in enumerate(item.components)
    ]


def _line(said: SaidDocument, one: SaidLine, known: Known, rights: Rights, speaker: Speaker) -> Line:
    place, item = known.places[said.place], known.items.get(one.item)
    state, reason = LineState.BOOKED, ""
    if item is None:
        state, reason = LineState.WAITING, shop_words.unknown_item(one.item)
    elif not decide.may_say(rights, speaker, place.location_id, decide.FACT_OF[one.kind]):
        state = LineState.OBSERVED
    return Line(
        document=said.document,
        line_no=one.line_no,
        kind=one.kind,
        item=one.item,
        location_id=place.location_id,
        units=one.units,
        happened_at=one.happened_at or said.happened_at,
        item_id=None if item is None else item.item_id,
        condition=one.condition,
        reference=one.reference,
        state=state,
        reason=reason,
        owner=OWNER if state is LineState.WAITING else "",
    )


def movements(lines: Iterable[tuple[str, Line]]) -> list[Movement]:
    """What booked lines do to the shelf, each when it happened."""
    return [
        _movement(stream, line, _way(line), cause=CAUSES[line.kind])
        for stream, line in lines
        if line.state is LineState.BOOKED and line.kind in CAUSES and line.units
    ]


def undoing(lines: Iterable[tuple[str, Line]]) -> list[Movement]:
    """The opposite of lines that were booked and are void now: as if they had never been, at the moment they were."""
    return [
        _movement(stream, line, _way(line)[::-1], cause="sale voided")
        for stream, line in lines
        if line.state is LineState.BOOKED and line.units and line.kind is not LineKind.COUNT
    ]


def levels(lines: Iterable[Line]) -> list[Level]:
    """What counted lines say lies there; of one item and place the newest word."""
    counted = (line for line in lines if line.kind is LineKind.COUNT and line.item_id is not None)
    newest: dict[tuple[object, object], Level] = {}
    for line in sorted(counted, key=lambda one: one.happened_at):
        counts = line.state is LineState.BOOKED
        newest[line.place] = Level(*line.place, line.units, line.happened_at, line.document, counts)
    return list(newest.values())


def facts_of(documents: Iterable[Document]) -> frozenset[Fact]:
    """What they speak of."""
    return frozenset(decide.FACT_OF[line.kind] for one in documents for line in one.lines)


def is_full(document: Document) -> bool:
    return document.kind is DocumentKind.FULL


def _way(line: Line) -> tuple[str, str]:
    if line.kind is LineKind.SALE:
        return SHELF, CUSTOMER
    if line.kind is LineKind.RETURN:
        return CUSTOMER, line.condition
    if line.kind is LineKind.RECEIPT:
        return SUPPLIER, line.condition
    return (FOUND, SHELF) if line.units > 0 else (SHELF, WRITTEN_OFF)


def _movement(stream: str, line: Line, way: tuple[str, str], *, cause: str) -> Movement:
    return Movement(
        *line.place,
        *way,
        abs(line.units),
        happened_at=line.happened_at,
        reference=f"{stream}:{line.document}:{line.line_no}",
        cause=cause,
    )
