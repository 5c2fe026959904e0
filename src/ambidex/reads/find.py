"""Finding an order by anything people remember of it, or by a code of its customer; newest first, exact ones before.

Every member of staff finds every order in every place; contact details are masked here, acting is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Row, text

from ambidex.domains import orders, search
from ambidex.domains.fulfillment import PickupCodes
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

LIMIT_MAX = 100
# fewer hits than this: what is less like the words is offered too
ENOUGH = 5
QUERY_LENGTH_MAX = 200
_LINK = "/o/"


@dataclass(frozen=True, slots=True)
class Hit:
    """An order that fits. `matched` says why; an `exact` one may be opened at once."""

    order_id: OrderId
    number: str
    source_number: str
    name: str
    email: str
    phone: str
    state: str
    place: str
    work_state: str
    owner: str
    next_step: str
    next_deadline: datetime | None
    placed_at: datetime
    matched: str
    exact: bool


@dataclass(frozen=True, slots=True)
class Rank:
    """How far an order is from what was typed, and why it is here when that is known already."""

    off: int
    matched: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    words: str
    at: LocationId | None = None


_HITS = text("""
SELECT o.order_id, o.number, o.source_number, o.reference, o.contact_name, o.contact_email, o.contact_phone, o.state,
  coalesce(p.name, '') AS place, p.location_id, coalesce(w.state, '') AS work_state, coalesce(r.role, '') AS owner,
  coalesce(r.next_step, '') AS next_step, r.next_deadline, o.placed_at,
  (SELECT array_agg(l.sku) FROM orders.lines l WHERE l.order_id = o.order_id) AS skus
  FROM orders.orders o
  LEFT JOIN LATERAL (SELECT x.state, x.location_id FROM fulfillment.work x WHERE x.order_id = o.order_id
    ORDER BY x.state IN ('canceled', 'refused', 'lapsed', 'taken_back', 'short'), x.work_no LIMIT 1) w ON true
  LEFT JOIN locations.locations p ON p.location_id = w.location_id
  LEFT JOIN watch.ownership r ON r.order_id = o.order_id
 WHERE o.order_id = ANY(CAST(:orders AS uuid[]))""")
_BY_CODE = text("""
SELECT DISTINCT order_id FROM fulfillment.pickup_codes WHERE code_hash = :code_hash LIMIT 10""")
_BY_BARCODE = text("""
SELECT DISTINCT i.sku FROM catalogue.barcodes b JOIN catalogue.items i USING (item_id)
 WHERE b.barcode = ANY(CAST(:barcodes AS text[])) LIMIT 10""")


async def find(
    read: Read, query: str, *, limit: int = 20, key: bytes | None = None, at: LocationId | None = None
) -> list[Hit]:
    """Orders that fit every word of the query. With the installation's key, links and pickup codes open theirs.

    First what is typed exactly, then beginnings and ends, then what is similar; each newest first, and those of the
    place `at` before others of the same rank on the page.
    """
    asked = query.strip()[:QUERY_LENGTH_MAX]
    most = max(1, min(limit, LIMIT_MAX))
    scanned = await _scanned(read, asked, key) if key is not None else []
    if scanned:
        return await _hits(read, scanned, dict.fromkeys(scanned, Rank(0, "code")), _Asked(asked, at))
    tokens = search.tokens(asked)
    if not tokens:
        return []
    ranks = await _ranked(read, tokens, asked, most=most)
    return await _hits(read, list(ranks), ranks, _Asked(asked, at))


async def _ranked(read: Read, tokens: Sequence[str], asked: str, *, most: int) -> dict[OrderId, Rank]:
    """What fits as typed; when that is little, also what an item's barcode, beginnings, ends and slips may mean."""
    meanings = await search.fitting(read, tokens)
    ranks: dict[OrderId, Rank] = {}
    await _add(read, ranks, meanings, search.SAME, most=most)
    if ranks and any(one.names_orders for one in meanings):
        return ranks
    if not ranks and len(tokens) == 1 and (skus := await _skus(read, asked)):
        found = await _ranked(read, skus, "", most=most)
        return dict.fromkeys(found, Rank(search.SAME, "item"))
    if len(ranks) < ENOUGH and any(one.fits(search.PART) for one in meanings):
        await _add(read, ranks, meanings, search.PART, most=most)
    if not ranks:
        # a number without digits, or the beginning of an e-mail address
        wholes = sorted({search.code(asked), search.fold(asked)} - {""})
        named = await search.fitting(read, wholes, as_codes=wholes) if wholes else []
        await _add(read, ranks, [search.Meaning.either(named)], search.PART, most=most)
    if len(ranks) < ENOUGH:
        await search.slips(read, meanings)
        if any(one.fits(search.SLIP) or one.fits(search.FAR) for one in meanings):
            await _add(read, ranks, meanings, search.FAR, most=most)
    return ranks


async def _skus(read: Read, asked: str) -> list[str]:
    """The item of a scanned barcode, as a token."""
    if not asked:
        return []
    rows = await read.all(_BY_BARCODE, {"barcodes": search.barcodes(asked)})
    return [search.code(row.sku) for row in rows][:1]


async def _add(
    read: Read, ranks: dict[OrderId, Rank], meanings: Sequence[search.Meaning], off: int, *, most: int
) -> None:
    groups = [one.within(off) for one in meanings]
    if len(ranks) >= most or not all(group.words or group.numbers for group in groups):
        return
    found = await search.orders_with(read, groups, limit=most)
    for order_id in found:
        if len(ranks) < most:
            ranks.setdefault(order_id, Rank(off, "similar" if off == search.FAR else ""))


_NEWEST = text("""
SELECT order_id FROM orders.orders WHERE order_id < :before ORDER BY order_id DESC LIMIT :limit""")
_LAST = OrderId(UUID(int=2**128 - 1))


async def newest(read: Read, *, limit: int, before: OrderId | None = None) -> list[Hit]:
    """All orders, newest first; ids grow with time."""
    rows = await read.all(_NEWEST, {"before": before or _LAST, "limit": max(1, min(limit, LIMIT_MAX))})
    return await _hits(read, [OrderId(row.order_id) for row in rows], {}, None)


async def _scanned(read: Read, asked: str, key: bytes) -> list[OrderId]:
    """The order of a customer's link or pickup code."""
    if _LINK in asked:
        token = asked.rpartition(_LINK)[2].partition("?")[0].strip("/")
        opened = orders.ask.of_link(key, token)
        return [] if opened is None else [opened[0]]
    code_hash = PickupCodes(key).stored_form(asked)
    if code_hash is None:
        return []
    return [OrderId(row.order_id) for row in await read.all(_BY_CODE, {"code_hash": code_hash})]


async def _hits(
    read: Read, order_ids: Sequence[OrderId], ranks: Mapping[OrderId, Rank], asked: _Asked | None
) -> list[Hit]:
    if not order_ids:
        return []
    rows = {row.order_id: row for row in await read.all(_HITS, {"orders": list(order_ids)})}
    known = [i for i in order_ids if i in rows]
    if asked is None:
        return [_hit(rows[i], Rank(0), "") for i in known]
    hits = [(_hit(rows[i], ranks[i], asked.words), ranks[i].off, rows[i].location_id) for i in known]
    hits.sort(key=lambda one: (not one[0].exact, one[1], asked.at is not None and one[2] != asked.at))
    return [hit for hit, _, _ in hits]


def _hit(row: Row[tuple[object, ...]], rank: Rank, asked: str) -> Hit:
    exact = rank.matched if rank.matched == "code" else _exactly(row, asked) if asked else ""
    return Hit(
        order_id=row.order_id,
        number=row.number,
        source_number=row.source_number,
        name=row.contact_name,
        email=masked_email(row.contact_email),
        phone=masked_phone(row.contact_phone),
        state=row.state,
        place=row.place,
        work_state=row.work_state,
        owner=row.owner,
        next_step=row.next_step,
        next_deadline=row.next_deadline,
        placed_at=row.placed_at,
        matched=exact or rank.matched or _why(row, asked),
        exact=bool(exact),
    )


def _exactly(row: Row[tuple[object, ...]], asked: str) -> str:
    """What the whole query names, when it is one thing of this order."""
    code = search.code(asked)
    if code in {search.code(row.number), search.code(row.source_number), search.code(row.reference)} - {""}:
        return "number"
    if row.contact_email and search.fold(asked) == search.fold(row.contact_email):
        return "e-mail"
    digits = search.digits(asked)
    return "phone" if len(digits) >= 7 and digits == search.digits(row.contact_phone) else ""


def _why(row: Row[tuple[object, ...]], asked: str) -> str:
    """Which field the first word is found in."""
    for token in search.tokens(asked)[:1]:
        fields = {
            "number": (row.number, row.source_number, row.reference),
            "name": (row.contact_name,),
            "e-mail": (row.contact_email,),
            "item": tuple(row.skus or ()),
        }
        for name, values in fields.items():
            if any(token in search.code(value) or token in search.fold(value) for value in values if value):
                return name
        if token.isdigit() and token in search.digits(row.contact_phone):
            return "phone"
    return "similar"


def masked_email(email: str) -> str:
    """As much as tells two customers apart."""
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}" if email else ""


def masked_phone(phone: str) -> str:
    """The last two digits."""
    return f"***{phone[-2:]}" if phone else ""
