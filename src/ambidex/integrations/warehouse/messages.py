"""The warehouse feed (docs/guide/till-and-warehouse.md): a full or a delta file, numbered, as JSON lines or CSV.

The first JSON line says what the file is; a CSV says it in columns that are the same in every row. `rows` lets a file
that was cut short be seen. `complete` says of a full file that what it leaves out is not there.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ambidex.domains.governance import DocumentKind, LineKind
from ambidex.flows.shop_port import Told, Unreadable
from ambidex.flows.stock_port import TOPICS, SaidDocument, SaidLine
from ambidex.integrations import signed
from ambidex.integrations.fields import NUMBER_MAX, UNITS_MAX, Json, load, mapping, moment, text, whole
from ambidex.runtime.inbox import Delivery, body_key

TOPIC = f"{TOPICS}warehouse"
ROWS_MAX = 200_000
ABOUT = ("report", "number", "as_of", "place", "rows", "complete")
REPORTS = {"full": DocumentKind.FULL, "delta": DocumentKind.DELTA}
# what a change is called, and which way it may go
REASONS = {
    "shipped": LineKind.SALE,
    "received": LineKind.RECEIPT,
    "returned": LineKind.RETURN,
    "adjusted": LineKind.ADJUST,
}


class Warehouse:
    """How warehouse systems talk (the protocol SourceSystem)."""

    def delivery(self, source: str, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The arrival; which file it is when it can be read."""
        resource = ""
        with suppress(Unreadable):
            said = read_file(body)
            resource = f"{said.kind.value} file {said.document} of {said.place}"
        return Delivery(
            source=source,
            delivery_key=signed.delivery_key(headers, body) or body_key(TOPIC, body),
            topic=TOPIC,
            headers=signed.said(headers),
            body=body,
            resource=resource,
        )

    def is_signed(
        self, headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], at: datetime
    ) -> bool:
        """Whether one of these secrets signed exactly these bytes."""
        return signed.is_signed(headers, body, secrets=secrets, at=at)

    def read(self, topic: str, body: bytes) -> Sequence[Told]:  # noqa: ARG002  # it has one topic
        """What the file says. Raises Unreadable."""
        return [read_file(body)]


def read_file(body: bytes) -> SaidDocument:
    """A whole file; JSON lines begin with a brace, everything else is CSV. Raises Unreadable."""
    about, rows = _json_lines(body) if body.lstrip()[:1] == b"{" else _csv(body)
    if "rows" in about and about["rows"] not in ("", None):
        wanted = whole(about, "rows", "file", high=ROWS_MAX)
        if wanted != len(rows):
            raise Unreadable(f"the file was cut short: it announces {wanted} rows and has {len(rows)}")
    if not 0 < len(rows) <= ROWS_MAX:
        raise Unreadable(f"rows: 1 to {ROWS_MAX} were expected")
    kind = REPORTS.get(text(about, "report", "file"))
    if kind is None:
        raise Unreadable("file.report: full or delta was expected")
    place = text(about, "place", "file")
    number = whole(about, "number", "file", high=NUMBER_MAX)
    return SaidDocument(
        stream=place,
        document=str(number),
        kind=kind,
        place=place,
        happened_at=moment(about, "as_of", "file"),
        number=number,
        lines=_lines(rows, kind),
        complete=_is_complete(about, kind),
    )


def _is_complete(about: Json, kind: DocumentKind) -> bool:
    """Said in so many words, and never of a file that could have been cut short."""
    said = about.get("complete")
    if said in (None, "", "false") or said is False:
        return False
    if said != "true" and said is not True:
        raise Unreadable("file.complete: true or false was expected")
    if kind is not DocumentKind.FULL or about.get("rows") in (None, ""):
        raise Unreadable("file.complete: only a full file that announces its rows can be complete")
    return True


def _lines(rows: Sequence[Json], kind: DocumentKind) -> tuple[SaidLine, ...]:
    line = _counted if kind is DocumentKind.FULL else _changed
    lines = tuple(line(row, n) for n, row in enumerate(rows, start=1))
    if kind is DocumentKind.FULL and len({one.item for one in lines}) < len(lines):
        raise Unreadable("a full file names each item once")
    return lines


def _counted(row: Json, number: int) -> SaidLine:
    at = f"row {number}"
    return SaidLine(number, LineKind.COUNT, text(row, "item", at), whole(row, "units", at))


def _changed(row: Json, number: int) -> SaidLine:
    at = f"row {number}"
    change = whole(row, "change", at, low=-UNITS_MAX)
    said = text(row, "reason", at, default="adjusted")
    if said not in REASONS:
        raise Unreadable(f"{at}.reason: {' | '.join(REASONS)} was expected")
    kind = REASONS[said]
    if (
        not change
        or (kind is LineKind.SALE and change > 0)
        or (kind in (LineKind.RECEIPT, LineKind.RETURN) and change < 0)
    ):
        raise Unreadable(f"{at}.change: {said} of {change} units cannot be")
    return SaidLine(
        number,
        kind,
        text(row, "item", at),
        change if kind is LineKind.ADJUST else abs(change),
        reference=text(row, "reference", at, default=""),
        happened_at=moment(row, "happened_at", at) if row.get("happened_at") else None,
    )


def _json_lines(body: bytes) -> tuple[Json, list[Json]]:
    lines = [line for line in body.splitlines() if line.strip()]
    found = [mapping(load(line), f"line {n}") for n, line in enumerate(lines[: ROWS_MAX + 1], start=1)]
    return found[0], found[1:]


def _csv(body: bytes) -> tuple[Json, list[Json]]:
    try:
        written = body.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        raise Unreadable("neither JSON lines nor CSV in UTF-8") from cause
    try:
        rows = list(csv.DictReader(io.StringIO(written), strict=True))
    except csv.Error as cause:
        raise Unreadable(f"not CSV: {cause}") from cause
    if not rows:
        raise Unreadable("the file is empty")
    about = {name: rows[0].get(name) for name in ABOUT}
    if any({name: row.get(name) for name in ABOUT} != about for row in rows):
        raise Unreadable(f"{', '.join(ABOUT)}: the same in every row was expected")
    return about, list[Json](rows)
