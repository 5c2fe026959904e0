"""What a customer could be offered in place of an item that nobody has: the same in another variant, then of its category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from ambidex.domains.availability import Ask
from ambidex.kernel.ids import ItemId
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass
from ambidex.reads.availability import look
from ambidex.runtime.db import Read

LOOKED_AT, SHOWN = 60, 8
# what lies nowhere is not looked at; whether it may be promised there is asked of the same rules as for any customer
_MAY_BE = """i.item_id <> b.item_id AND NOT EXISTS (SELECT FROM catalogue.components c WHERE c.kit_id = i.item_id)
   AND EXISTS (SELECT FROM inventory.positions p WHERE p.item_id = i.item_id AND p.sellable > p.reserved + p.held)"""
_COLUMNS = "i.item_id, i.sku, i.name, i.variant, i.price_minor, i.currency"
# a category may be large: it is walked from the price up and down, and no further than needed
_OTHERS = text(f"""
SELECT {_COLUMNS} FROM catalogue.items b CROSS JOIN LATERAL (
  (SELECT {_COLUMNS} FROM catalogue.items i WHERE i.name = b.name AND {_MAY_BE}
    ORDER BY abs(i.price_minor - b.price_minor), i.sku LIMIT :limit)
  UNION ALL
  (SELECT {_COLUMNS} FROM catalogue.items i WHERE i.category = b.category AND i.category <> '' AND i.name <> b.name
      AND i.price_minor >= b.price_minor AND {_MAY_BE} ORDER BY i.price_minor, i.sku LIMIT :limit)
  UNION ALL
  (SELECT {_COLUMNS} FROM catalogue.items i WHERE i.category = b.category AND i.category <> '' AND i.name <> b.name
      AND i.price_minor < b.price_minor AND {_MAY_BE} ORDER BY i.price_minor DESC, i.sku LIMIT :limit)) i
 WHERE b.item_id = :item
 ORDER BY i.name <> b.name, abs(i.price_minor - b.price_minor), i.sku LIMIT :limit""")  # noqa: S608  # words of ours


@dataclass(frozen=True, slots=True)
class OtherItem:
    """One that may be promised to this customer; so many units of it, and what it costs where it is listed."""

    item_id: ItemId
    sku: str
    title: str
    available: int
    price: Money


async def other_items(
    read: Read, item_id: ItemId, units: int, *, channel: str, method: str, to: Mapping[str, str]
) -> list[OtherItem]:
    """Those of which so many may be sent there (`country`, `postcode`), the most alike first; three questions."""
    rows = await read.all(_OTHERS, {"item": item_id, "limit": LOOKED_AT})
    if not rows:
        return []
    stands = await look(read, [ItemId(row.item_id) for row in rows])
    ask = Ask(read.now, channel, "", method, to.get("country", ""), to.get("postcode", ""))
    found = [(row, stands.answer(ItemId(row.item_id), ask, routed=True).total) for row in rows]
    return [_other(row, there) for row, there in found if there >= units][:SHOWN]


def _other(row: Any, available: int) -> OtherItem:
    title = f"{row.name}, {row.variant}" if row.variant else row.name
    return OtherItem(ItemId(row.item_id), row.sku, title, available, Money(row.price_minor, row.currency))
