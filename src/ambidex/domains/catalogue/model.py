"""What can be sold: items and the barcodes that name them."""

from __future__ import annotations

from ambidex.kernel.ids import ItemId
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass


@dataclass(frozen=True, slots=True)
class Component:
    """So many units of an item in one kit."""

    item_id: ItemId
    sku: str
    quantity: int


@dataclass(frozen=True)
class Item:
    """A sellable unit; one with components is a kit. `counted_scans`: one scan may prove several units (screws, not phones)."""

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
    components: tuple[Component, ...] = ()

    @property
    def is_kit(self) -> bool:
        return bool(self.components)

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
    # SKU and quantity of what a kit is made of; none: no kit; None: as it was
    components: tuple[tuple[str, int], ...] | None = None
