"""What was edited past the program and not looked at yet: by whom, and which orders, items and events it is about."""

# ruff: noqa: S608  # every piece of every statement is a constant of ours

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.kernel.ids import ItemId, OrderId
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.audit import Violation
from ambidex.reads.audit_slice import Slice
from ambidex.runtime import publisher
from ambidex.runtime.db import Read

# what is beyond these is asked at the next looks, and told at the first; an item is asked with all its past
TOUCHED_MAX, ITEMS_MAX, PAGES_MAX = 1_000, 40, 5
_NAMED_MAX, _COLUMNS_MAX, _EDITS_MAX = 5, 12, 100
# so many links of the chain, at least, are walked from an edited event
_PAGE = 1_000
_WORDS = {"UPDATE": "changed", "INSERT": "added", "DELETE": "removed", "TRUNCATE": "emptied"}
# says little about which row it is
_SHARED = frozenset({"location_id", "from_id", "to_id", "staff_id", "source_id"})
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Edit:
    """What one transaction did to one table past the program; `keys` name its first rows."""

    xact: int
    began_at: datetime
    at: datetime
    role: str
    program: str
    place: str
    verb: str
    rows: int
    columns: tuple[str, ...]
    keys: tuple[str, ...]

    @property
    def transaction(self) -> str:
        """The same for all that one transaction did, also when its number comes again in a restored cluster."""
        return f"{self.xact}:{self.began_at.isoformat()}"

    def __str__(self) -> str:
        rows = "every row" if self.verb == "TRUNCATE" else f"{self.rows} row{'s'[: self.rows != 1]}"
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        program = f" with {self.program}" if self.program else ""
        return (
            f"{rows} of {self.place} {_WORDS[self.verb]}{columns} by database role {self.role}{program}"
            f" at {self.at:%Y-%m-%d %H:%M:%S} UTC"
        )


@dataclass(frozen=True, slots=True)
class Touched:
    """Some notes by their numbers, all edits, and what the rules are to be asked about."""

    notes: Sequence[int] = ()
    edits: Sequence[Edit] = ()
    of: Slice = Slice()
    positions: Sequence[int] = ()
    # id of an order, an item or anything else -> the edit that changed a row with it
    by_id: dict[str, Edit] | None = None

    def told(self, one: Violation) -> Violation:
        """The violation, with the edit that is about what it names."""
        known = self.by_id or {}
        ids = _ID.findall(f"{one.subject} {one.detail}")
        found = {known[each] for each in ids if each in known} or set(self.edits[:1] if not ids else ())
        return replace(one, detail="; ".join([one.detail, *sorted(map(str, found))])) if found else one


_NOTES = text(
    "SELECT touch_id, xact, place, verb, keys AS named FROM runtime.touched ORDER BY touch_id LIMIT :limit"
)
# somebody may have edited a million rows: counting them is cheap, and columns and keys of the first ones say which
_EDITS = text(f"""
WITH e AS (
  SELECT xact, began_at, min(touched_at) AS at, role, program, place, verb, count(*) AS rows, min(touch_id) AS first
    FROM runtime.touched GROUP BY xact, began_at, role, program, place, verb ORDER BY min(touch_id) LIMIT {_EDITS_MAX})
SELECT e.*, s.columns, s.named FROM e CROSS JOIN LATERAL (
  SELECT (array_agg(DISTINCT c.name) FILTER (WHERE c.name IS NOT NULL))[1:{_COLUMNS_MAX}] AS columns,
         (array_agg(DISTINCT CAST(t.keys AS text)))[1:{_NAMED_MAX}] AS named
    FROM runtime.touched t LEFT JOIN LATERAL unnest(t.columns) AS c(name) ON true
   WHERE t.touch_id BETWEEN e.first AND e.first + {TOUCHED_MAX} AND (t.xact, t.place, t.verb) = (e.xact, e.place, e.verb)) AS s
 ORDER BY e.first""")
_SENT = text("""
SELECT DISTINCT item_id FROM transfers.lines WHERE delivery_id = ANY(CAST(:ids AS uuid[])) ORDER BY item_id""")
_BEFORE = text("""
SELECT coalesce(b.position, 0) AS position, coalesce(b.hash, :nothing) AS hash
  FROM unnest(CAST(:positions AS bigint[])) AS at(position)
  LEFT JOIN LATERAL (SELECT e.position, e.hash FROM runtime.events e WHERE e.position < at.position
                      ORDER BY e.position DESC LIMIT 1) AS b ON true""")


async def touched(read: Read) -> Touched:
    """The oldest notes and what they are about; nothing when nobody edited anything."""
    notes = _few(await read.all(_NOTES, {"limit": TOUCHED_MAX}))
    if not notes:
        return Touched()
    edits = [_edit(row) for row in await read.all(_EDITS)]
    keys = [(note.place, key) for note in notes for key in note.named]
    sent = await read.all(_SENT, {"ids": _ids(keys, "delivery_id")})
    items = {*_items(keys), *(str(row.item_id) for row in sent)}
    return Touched(
        notes=[note.touch_id for note in notes],
        edits=edits,
        of=Slice(
            [OrderId(UUID(one)) for one in _ids(keys, "order_id")],
            [ItemId(UUID(one)) for one in sorted(items)],
        ),
        positions=sorted(
            {key["position"] for place, key in keys if place == "runtime.events" and "position" in key}
        ),
        by_id=_by_id(notes, edits),
    )


async def chain_around(read: Read, positions: Sequence[int]) -> list[str]:
    """What is wrong with the chain where events were edited; some pages of it."""
    starts: list[int] = []
    for position in positions:
        if not starts or position > starts[-1] + _PAGE:
            starts.append(position)
    if not starts:
        return []
    before = await read.all(_BEFORE, {"positions": starts[:PAGES_MAX], "nothing": publisher.NOTHING_BEFORE})
    walked = [
        await publisher.verify_chain(read, after=row.position, link=bytes(row.hash), pages=1)
        for row in before
    ]
    return list(dict.fromkeys(sentence for chain in walked for sentence in chain.broken[:_NAMED_MAX]))


def _few(notes: Sequence[Row[Any]]) -> list[Row[Any]]:
    """The first ones, with as many items as one look asks about."""
    few: list[Row[Any]] = []
    items: set[str] = set()
    for note in notes:
        items.update(_items((note.place, key) for key in note.named))
        if len(items) > ITEMS_MAX:
            break
        few.append(note)
    return few


def _items(keys: Iterable[tuple[str, dict[str, Any]]]) -> list[str]:
    """Items whose stock may differ; an item's name in an order is asked with the order."""
    return _ids(
        ((place, key) for place, key in keys if place.startswith(("inventory.", "transfers."))), "item_id"
    )


def _ids(keys: Iterable[tuple[str, dict[str, Any]]], name: str) -> list[str]:
    return sorted({key[name] for _, key in keys if name in key})


def _edit(row: Row[Any]) -> Edit:
    return Edit(
        row.xact, row.began_at, row.at, row.role, row.program, row.place, row.verb, row.rows,
        columns=tuple(row.columns or ()), keys=tuple(row.named),
    )  # fmt: skip


def _by_id(notes: Sequence[Row[Any]], edits: Sequence[Edit]) -> dict[str, Edit]:
    found = {(edit.xact, edit.place, edit.verb): edit for edit in edits}
    return {
        value: found[which]
        for note in notes
        if (which := (note.xact, note.place, note.verb)) in found
        for key in note.named
        for name, value in key.items()
        if name not in _SHARED and isinstance(value, str) and _ID.fullmatch(value)
    }
