"""What can be sold: items and the barcodes that name them."""

from __future__ import annotations

from dataclasses import dataclass

from ambidex.kernel.ids import ItemId
from ambidex.kernel.money import Money


@dataclass(frozen=True)
class Item:
    """A sellable unit. `counted_scans`: one scan may prove several units (screws, not phones)."""

    item_id: ItemId
    sku: str
    name: str
    variant: str
    price: Money
    picture: str
    color: str
    counted_scans: bool
    barcodes: tuple[str, ...]
    category: str = ""
    weight_grams: int = 0
    care_note: str = ""
    tracking: str = "none"

    @property
    def title(self) -> str:
        """Name and variant, as people read it."""
        return f"{self.name}, {self.variant}" if self.variant else self.name


@dataclass(frozen=True)
class NewItem:
    """What somebody says about an item, to create it or to change all of it."""

    sku: str
    name: str
    price: Money
    variant: str = ""
    picture: str = ""
    color: str = ""
    counted_scans: bool = False
    barcodes: tuple[str, ...] = ()
    category: str = ""
    weight_grams: int = 0
    care_note: str = ""
    tracking: str = "none"
