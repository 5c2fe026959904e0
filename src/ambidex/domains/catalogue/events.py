"""What happens to items."""

from typing import ClassVar

from ambidex.kernel.event import Event
from ambidex.kernel.values import dataclass


@dataclass(frozen=True)
class ItemCreated(Event):
    """An item can be sold from now on."""

    name: ClassVar[str] = "catalogue.created"
    sku: str
    title: str


@dataclass(frozen=True)
class ItemChanged(Event):
    """Name, price, barcodes or another fact of an item changed."""

    name: ClassVar[str] = "catalogue.changed"
    sku: str
    title: str
