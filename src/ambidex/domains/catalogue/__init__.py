"""The catalogue: items that can be sold, their variants, prices, pictures and barcodes."""

from ambidex.domains.catalogue.commands import put_item, put_items
from ambidex.domains.catalogue.events import ItemChanged, ItemCreated
from ambidex.domains.catalogue.model import Component, Item, NewItem
from ambidex.domains.catalogue.problems import BadItem, BarcodeTaken, UnknownItem
from ambidex.domains.catalogue.queries import barcode_owners, by_barcode, by_ids, by_sku, by_skus, page
from ambidex.domains.catalogue.rules import check_digit

__all__ = [
    "BadItem",
    "BarcodeTaken",
    "Component",
    "Item",
    "ItemChanged",
    "ItemCreated",
    "NewItem",
    "UnknownItem",
    "barcode_owners",
    "by_barcode",
    "by_ids",
    "by_sku",
    "by_skus",
    "check_digit",
    "page",
    "put_item",
    "put_items",
]
