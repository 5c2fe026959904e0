"""Writing items and their barcodes, in lists: two statements for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from ambidex.domains.catalogue.model import NewItem
from ambidex.kernel.ids import ItemId
from ambidex.runtime.db import Tx

_PUT = text("""
INSERT INTO catalogue.items
  (item_id, sku, name, variant, category, price_minor, currency, weight_grams, care_note, picture, color,
   tracking, counted_scans, changed_at)
SELECT r.item_id, r.sku, r.name, r.variant, r.category, r.price_minor, r.currency, r.weight_grams, r.care_note,
       r.picture, r.color, r.tracking, r.counted_scans, :now
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(
       item_id uuid, sku text, name text, variant text, category text, price_minor int, currency text,
       weight_grams int, care_note text, picture text, color text, tracking text, counted_scans boolean)
 ORDER BY r.sku
ON CONFLICT (sku) DO UPDATE SET
  name = excluded.name, variant = excluded.variant, category = excluded.category,
  price_minor = excluded.price_minor, currency = excluded.currency, weight_grams = excluded.weight_grams,
  care_note = excluded.care_note, picture = excluded.picture, color = excluded.color,
  tracking = excluded.tracking, counted_scans = excluded.counted_scans, changed_at = excluded.changed_at
RETURNING item_id, sku, item_id = ANY(CAST(:fresh AS uuid[])) AS created
""")
_PUT_BARCODES = text("""
WITH given AS (
  SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:owners AS uuid[])) AS g(barcode, item_id)
), gone AS (
  DELETE FROM catalogue.barcodes AS b
   WHERE b.item_id = ANY(CAST(:items AS uuid[])) AND NOT b.barcode = ANY(CAST(:codes AS text[]))
)
INSERT INTO catalogue.barcodes (barcode, item_id) SELECT barcode, item_id FROM given ORDER BY barcode
ON CONFLICT (barcode) DO NOTHING
""")


_DROP_COMPONENTS = text("DELETE FROM catalogue.components WHERE kit_id = ANY(CAST(:items AS uuid[]))")
_ADD_COMPONENTS = text("""
INSERT INTO catalogue.components (kit_id, item_id, quantity, component_no)
SELECT a.kit_id, i.item_id, a.quantity, a.component_no
  FROM unnest(CAST(:kits AS uuid[]), CAST(:skus AS text[]), CAST(:quantities AS integer[]), CAST(:numbers AS smallint[]))
    AS a(kit_id, sku, quantity, component_no)
  JOIN catalogue.items i ON i.sku = a.sku""")
_NESTED = text("""
SELECT i.sku FROM catalogue.components outside
  JOIN catalogue.components inside ON inside.kit_id = outside.item_id
  JOIN catalogue.items i ON i.item_id = outside.item_id
 WHERE outside.kit_id = ANY(CAST(:items AS uuid[])) OR outside.item_id = ANY(CAST(:items AS uuid[])) LIMIT 1""")


async def put(tx: Tx, news: Sequence[NewItem]) -> dict[str, tuple[ItemId, bool]]:
    """Create or change these; their ids by SKU, and whether each is new."""
    rows = [_row(tx.new_id(), new) for new in news]
    fresh = [row["item_id"] for row in rows]
    put_rows = await tx.all(_PUT, {"rows": json.dumps(rows, default=str), "fresh": fresh, "now": tx.now})
    return {row.sku: (ItemId(row.item_id), bool(row.created)) for row in put_rows}


async def put_barcodes(tx: Tx, owned: dict[str, ItemId], *, items: Sequence[ItemId]) -> None:
    """From now on exactly these barcodes name these items. A barcode of another item is left with it."""
    await tx.run(_PUT_BARCODES, {"codes": list(owned), "owners": list(owned.values()), "items": list(items)})


async def put_components(tx: Tx, news: Sequence[NewItem], ids: dict[str, ItemId]) -> bool:
    """From now on these items are made of exactly this; False when a component is not known."""
    told = [new for new in news if new.components is not None]
    rows = [(ids[new.sku], *one, no) for new in told for no, one in enumerate(new.components or (), start=1)]
    if told:
        await tx.run(_DROP_COMPONENTS, {"items": [ids[new.sku] for new in told]})
    if not rows:
        return True
    kits, skus, quantities, numbers = map(list, zip(*rows, strict=True))
    values = {"kits": kits, "skus": skus, "quantities": quantities, "numbers": numbers}
    return await tx.run(_ADD_COMPONENTS, values) == len(rows)


async def nested(tx: Tx, ids: Sequence[ItemId]) -> str | None:
    """The SKU of a kit within a kit among these, if there is one."""
    found: str | None = await tx.value(_NESTED, {"items": list(ids)})
    return found


def _row(item_id: Any, new: NewItem) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "sku": new.sku,
        "name": new.name.strip(),
        "variant": new.variant,
        "category": new.category,
        "price_minor": new.price.minor,
        "currency": new.price.currency,
        "weight_grams": new.weight_grams,
        "care_note": new.care_note,
        "picture": new.picture,
        "color": new.color,
        "tracking": new.tracking,
        "counted_scans": new.counted_scans,
    }
