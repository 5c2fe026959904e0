"""Reading items: by SKU, id or barcode, page by page. A SKU is its own barcode where nothing else has it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from ambidex.domains.catalogue.model import Component, Item
from ambidex.domains.catalogue.problems import UnknownItem
from ambidex.domains.catalogue.tables import barcodes, components, items
from ambidex.kernel.ids import ItemId
from ambidex.kernel.money import Money
from ambidex.kernel.page import PAGE_MAX, Page, read_cursor, write_cursor
from ambidex.runtime.db import Read

_c = items.c


async def by_ids(read: Read, ids: Collection[ItemId]) -> dict[ItemId, Item]:
    """The known ones among these."""
    return {item.item_id: item for item in await _where(read, _c.item_id.in_(list(ids)))} if ids else {}


async def by_skus(read: Read, skus: Collection[str]) -> dict[str, Item]:
    """The known ones among these."""
    return {item.sku: item for item in await _where(read, _c.sku.in_(list(skus)))} if skus else {}


async def by_sku(read: Read, sku: str) -> Item:
    """The item with this SKU; UnknownItem when there is none."""
    found = (await by_skus(read, [sku])).get(sku)
    if found is None:
        raise UnknownItem(sku, item=sku)
    return found


async def by_barcode(read: Read, barcode: str) -> Item | None:
    """What a scan names: the item with this barcode, else the one with this SKU."""
    named = select(barcodes.c.item_id).where(barcodes.c.barcode == barcode)
    found = await _where(read, or_(_c.item_id.in_(named), _c.sku == barcode))
    return next((item for item in found if barcode in item.barcodes), found[0] if found else None)


async def page(read: Read, *, after: str | None = None, limit: int = 100, q: str = "") -> Page[Item]:
    """All items by SKU; `q` keeps those whose SKU begins with it, or whose name and variant have each of its words."""
    limit = max(1, min(limit, PAGE_MAX))
    wanted = _select().order_by(_c.sku).limit(limit + 1)
    if after is not None:
        wanted = wanted.where(_c.sku > str(read_cursor(after)[0]))
    if q:
        wanted = wanted.where(_called(q))
    found = [_item(row) for row in await read.all(wanted)]
    more = len(found) > limit
    return Page(found[:limit], write_cursor(found[limit - 1].sku) if more else None)


async def barcode_owners(read: Read, codes: Collection[str]) -> dict[str, ItemId]:
    """Which item each of these barcodes names."""
    b = barcodes.c
    rows = await read.all(select(b.barcode, b.item_id).where(b.barcode.in_(list(codes)))) if codes else []
    return {row.barcode: ItemId(row.item_id) for row in rows}


def _called(q: str) -> ColumnElement[bool]:
    """A title as pages show it, "name, variant", is found too."""
    called = [
        or_(_c.name.icontains(word, autoescape=True), _c.variant.icontains(word, autoescape=True))
        for word in q.replace(",", " ").split()
    ]
    begins = _c.sku.istartswith(q.strip(), autoescape=True)
    return or_(begins, and_(*called)) if called else begins


async def _where(read: Read, condition: ColumnElement[bool]) -> list[Item]:
    return [_item(row) for row in await read.all(_select().where(condition))]


def _select() -> Select[Any]:
    codes = (
        select(func.coalesce(func.array_agg(barcodes.c.barcode), []))
        .where(barcodes.c.item_id == _c.item_id)
        .scalar_subquery()
    )
    parts = components.alias("c")
    of_kit = items.alias("of_kit")
    made_of = (
        select(
            func.json_agg(
                aggregate_order_by(
                    func.json_build_array(of_kit.c.item_id, of_kit.c.sku, parts.c.quantity),
                    parts.c.component_no,
                )
            )
        )
        .select_from(parts.join(of_kit, of_kit.c.item_id == parts.c.item_id))
        .where(parts.c.kit_id == _c.item_id)
        .scalar_subquery()
    )
    return select(
        _c.item_id, _c.sku, _c.name, _c.variant, _c.category, _c.price_minor, _c.currency, _c.weight_grams,
        _c.care_note, _c.picture, _c.color, _c.tracking, _c.counted_scans, codes.label("barcodes"),
        made_of.label("components"),
    )  # fmt: skip


def _item(row: Row[Any]) -> Item:
    return Item(
        item_id=ItemId(row.item_id),
        sku=row.sku,
        name=row.name,
        variant=row.variant,
        price=Money(row.price_minor, row.currency),
        picture=row.picture,
        color=row.color,
        counted_scans=row.counted_scans,
        barcodes=tuple(sorted(row.barcodes)),
        category=row.category,
        weight_grams=row.weight_grams,
        care_note=row.care_note,
        tracking=row.tracking,
        components=tuple(Component(ItemId(UUID(i)), sku, n) for i, sku, n in row.components or ()),
    )
