"""Creating and changing items."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.catalogue import queries, rules, store
from ambidex.domains.catalogue.events import ItemChanged, ItemCreated
from ambidex.domains.catalogue.model import Item, NewItem
from ambidex.domains.catalogue.problems import BadItem, BarcodeTaken
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import ItemId
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx


async def put_item(tx: Tx, new: NewItem) -> Item:
    """Create the item with this SKU, or change everything about it. BadItem names what is wrong."""
    return (await put_items(tx, [new]))[0]


async def put_items(tx: Tx, news: Sequence[NewItem]) -> list[Item]:
    """The same for many; all or none. SKUs in one list must differ. BarcodeTaken when another item has it."""
    tx.actor.must_everywhere(Permission.ITEMS_CHANGE)
    for new in news:
        rules.check(new)
    put = await store.put(tx, news)
    wanted = _wanted(news, {sku: item_id for sku, (item_id, _) in put.items()})
    await store.put_barcodes(tx, wanted, items=[item_id for item_id, _ in put.values()])
    owners = await queries.barcode_owners(tx, list(wanted))
    taken = sorted(code for code, item_id in wanted.items() if owners.get(code) != item_id)
    if taken:
        raise BarcodeTaken(f"barcode {taken[0]}", barcodes=taken)
    await _put_components(tx, news, {sku: item_id for sku, (item_id, _) in put.items()})
    for new in news:
        created = put[new.sku][1]
        said = ItemCreated(new.sku, new.name) if created else ItemChanged(new.sku, new.name)
        tx.announce(Ref("item", new.sku), said)
    known = await queries.by_skus(tx, list(put))
    return [known[new.sku] for new in news]


async def _put_components(tx: Tx, news: Sequence[NewItem], ids: dict[str, ItemId]) -> None:
    """A kit is made of known items that are no kits themselves."""
    known = await store.put_components(tx, news, ids)
    inside = await store.nested(tx, list(ids.values()))
    if not known or inside is not None:
        expected = "known items" if not known else f"items that are no kits; {inside} is one"
        raise BadItem("components", errors=[{"field": "components", "expected": expected}])


def _wanted(news: Sequence[NewItem], ids: dict[str, ItemId]) -> dict[str, ItemId]:
    wanted: dict[str, ItemId] = {}
    for new in news:
        for barcode in new.barcodes:
            if wanted.setdefault(barcode, ids[new.sku]) != ids[new.sku]:
                raise BarcodeTaken(f"barcode {barcode} twice in one list", barcodes=[barcode])
    return wanted
