"""What a code means to the person who scanned it here: a sentence, and where to go."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from ambidex.domains import orders, shipping, transfers
from ambidex.domains.fulfillment import PickupCodes
from ambidex.kernel.actor import Actor
from ambidex.kernel.ids import child_id, parse_child_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.reads import scan
from ambidex.reads.packing import find_to_pack
from ambidex.runtime.db import Read, Row
from ambidex.web.words import translate as _

_NUMBER_MAX = 60
# labels of totes begin so
TOTES = "TOTE"
_LINK = re.compile(r"(?:https?://[^/\s]+)?/o/(?P<token>[\w.~-]+)/?")


@dataclass(frozen=True, slots=True)
class Meaning:
    """`outcome`: right, wrong or already; `go` is where it leads, if anywhere."""

    outcome: str
    say: str
    go: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """A code as it was read, by whom, with the key that opens links and pickup codes."""

    code: str
    who: Actor
    key: bytes


Look = Callable[[Read, Scan], Awaitable[Meaning | None]]


async def meaning_of(read: Read, asked: Scan) -> Meaning:
    """The first meaning that fits; else what can be tried."""
    looks: tuple[Look, ...] = (_link, _work, _tote, _number, _pickup_code, _shelf, _delivery, _parcel, _item)
    for look in looks:
        found = await look(read, asked)
        if found is not None:
            return found
    return Meaning(
        "wrong",
        _("Nothing here answers to %(code)s.", code=asked.code),
        f"/find?q={quote(asked.code)}" if len(asked.code) > 2 else "",
    )


async def _link(read: Read, asked: Scan) -> Meaning | None:
    fits = _LINK.fullmatch(asked.code)
    named = orders.ask.of_link(asked.key, fits["token"]) if fits else None
    row = await scan.order_by_id(read, named[0], at=asked.who.at) if named else None
    return _order_meaning(row) if row is not None else None


async def _work(_read: Read, asked: Scan) -> Meaning | None:
    named = parse_child_id(asked.code.lower())
    return Meaning("right", _("Opening the work."), f"/work/{child_id(*named)}") if named else None


async def _number(read: Read, asked: Scan) -> Meaning | None:
    row = await scan.order_by_number(read, asked.code.lstrip("#"), at=asked.who.at)
    return _order_meaning(row) if row is not None else None


async def _pickup_code(read: Read, asked: Scan) -> Meaning | None:
    if asked.who.at is None:
        return None
    try:
        work, _no = await PickupCodes(asked.key).whose(read, asked.code, location_id=asked.who.at)
    except Problem as refused:
        used = refused.code == "pickup-code-used"
        return Meaning("already", refused.title) if used else None
    return Meaning("right", _("The code matches."), f"/work/{work.id}/hand-over?code={quote(asked.code)}")


async def _shelf(read: Read, asked: Scan) -> Meaning | None:
    rows = await scan.shelf(read, asked.code, at=asked.who.at)
    if not rows:
        return None
    lying = [row for row in rows if row.order_id is not None]
    if not lying:
        return Meaning("right", _("%(place)s is free.", place=rows[0].label))
    say = _("%(place)s: %(name)s", place=rows[0].label, name=lying[0].contact_name or lying[0].number)
    if len(lying) > 1:
        say = _("%(place)s: %(n)s orders", place=rows[0].label, n=len(lying))
        return Meaning("right", say, "/work")
    return Meaning("right", say, f"/work/{child_id(lying[0].order_id, lying[0].work_no)}")


async def _delivery(read: Read, asked: Scan) -> Meaning | None:
    try:
        found = await transfers.by_label(read, asked.code)
    except Problem:
        return None
    return Meaning("right", found.reference, f"/deliveries/{found.id}")


async def _parcel(read: Read, asked: Scan) -> Meaning | None:
    found = await shipping.find.known(read, asked.code) if len(asked.code) <= _NUMBER_MAX else None
    if found is None:
        return None
    order_id, package_no = found
    row = await scan.order_by_id(read, order_id, at=asked.who.at)
    number = row.number if row is not None else ""
    return Meaning(
        "right", _("Parcel %(n)s of order %(order)s", n=package_no, order=number), f"/orders/{order_id}"
    )


async def _tote(read: Read, asked: Scan) -> Meaning | None:
    if asked.who.at is None or not asked.code.upper().startswith(TOTES):
        return None
    found = await find_to_pack(read, asked.who.at, asked.code)
    if found is None:
        return Meaning("right", _("%(tote)s is empty.", tote=asked.code.upper()))
    return Meaning("right", _("Opening what lies in %(tote)s.", tote=asked.code.upper()), f"/pack/{found}")


async def _item(read: Read, asked: Scan) -> Meaning | None:
    rows = await scan.item(read, asked.code, at=asked.who.at, me=asked.who.id)
    if not rows:
        return None
    first = rows[0]
    if first.order_id is None:
        return Meaning("right", str(first.name), f"/find?q={quote(first.sku)}")
    say = _("%(item)s is wanted by %(name)s", item=first.name, name=first.contact_name)
    return Meaning("right", say, f"/work/{child_id(first.order_id, first.work_no)}/pick")


def _order_meaning(row: Row[Any]) -> Meaning:
    say = f"{row.number}, {row.contact_name}" if row.contact_name else str(row.number)
    if row.here_no is not None:
        return Meaning("right", say, f"/work/{child_id(row.order_id, row.here_no)}")
    return Meaning("right", say, f"/orders/{row.order_id}")
