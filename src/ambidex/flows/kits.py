"""A kit is bought as one line and agreed as the lines of its components; prices add up to the cent. Pure.

It lies on no shelf: what moves as a kit are its components, and whoever counts or sends names these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ambidex.domains.catalogue import Item
from ambidex.domains.orders import Line, NewLine, Order
from ambidex.kernel.money import Money, apportion
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, replace


class KitHasNoShelf(Problem):
    """A kit lies nowhere as such; its components do."""

    status, code = 409, "kit-has-no-shelf"
    advice = "Name its components instead: they are what lies on the shelf."


def must_lie_on_shelves(items: Iterable[Item]) -> None:
    """What is counted, sent or received by hand is no kit. Raises KitHasNoShelf, naming the components."""
    for item in items:
        if item.is_kit:
            raise KitHasNoShelf(f"{item.sku} is {made_of(item)}", item=item.sku)


def made_of(kit: Item) -> str:
    """Its components as people read them."""
    return ", ".join(f"{one.quantity} x {one.sku}" for one in kit.components)


@dataclass(frozen=True, slots=True)
class KitPart:
    """The kit that a line is a part of: its SKU and name, its number within the order, and how many were bought."""

    sku: str
    title: str
    no: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Wish:
    """A line to agree on: `asked` is the index of the line that was sent, which a kit shares among its components."""

    asked: int
    item: Item
    new: NewLine
    kit: KitPart | None = None


def wishes(lines: Sequence[NewLine], items: Mapping[str, Item]) -> list[Wish]:
    """The lines with kits replaced by their components. `items` knows these too."""
    found: list[Wish] = []
    kits = 0
    for index, line in enumerate(lines):
        item = items[line.sku]
        if not item.is_kit:
            found.append(Wish(index, item, line))
            continue
        kits += 1
        kit = KitPart(item.sku, line.title or item.title, kits, line.quantity)
        found += [Wish(index, items[new.sku], new, kit) for new in _components(line, item, items)]
    return found


def units_wanted(lines: Iterable[NewLine], items: Mapping[str, Item]) -> Iterable[Item]:
    """The items that stock must give for these lines; unknown ones are left out."""
    for line in lines:
        item = items.get(line.sku)
        if item is not None:
            yield from (items[one.sku] for one in item.components) if item.is_kit else (item,)


def _components(line: NewLine, kit: Item, items: Mapping[str, Item]) -> list[NewLine]:
    """What the kit costs is apportioned by the components' list prices, by largest remainder; so are tax and discount.

    Where a share is no whole number of minor units for each unit, the unit price is rounded up and the line's
    discount makes up the difference.
    """
    units = [one.quantity * line.quantity for one in kit.components]
    weights = [items[one.sku].price.minor * n for one, n in zip(kit.components, units, strict=True)]
    shares = apportion(line.unit_price.minor * line.quantity, weights)
    taxes = apportion(line.tax.minor if line.tax else 0, shares)
    discounts = apportion(line.discount.minor if line.discount else 0, shares)
    currency = line.unit_price.currency
    prices = [-(-share // n) for share, n in zip(shares, units, strict=True)]
    return [
        replace(
            line,
            sku=one.sku,
            title="",
            quantity=n,
            unit_price=Money(price, currency),
            tax=Money(tax, currency),
            discount=Money(price * n - share + discount, currency),
        )
        for one, n, price, share, tax, discount in zip(
            kit.components, units, prices, shares, taxes, discounts, strict=True
        )
    ]


def sold_units(lines: Sequence[Line], units: Mapping[int, int]) -> int:
    """Units of what a source sold as one line, from units of our lines: a kit is whole when all its components are."""
    kits = [units.get(line.line_no, 0) * line.kit_quantity // line.quantity for line in lines if line.kit_no]
    alone = sum(units.get(line.line_no, 0) for line in lines if not line.kit_no)
    return alone + min(kits, default=0)


def bought_units(line: Line, sold: int) -> int:
    """Units of our line in so many units of what a source sold."""
    return sold * line.quantity // line.kit_quantity if line.kit_no else sold


def sold_lines(order: Order, units: Mapping[int, int]) -> list[dict[str, Any]]:
    """What a source is told of these units (line number -> units), in its own lines: a kit is one of them."""
    told: dict[object, list[Line]] = {}
    for line in order.lines:
        if line.line_no in units:
            told.setdefault(("kit", line.kit_no) if line.kit_no else line.line_no, []).append(line)
    return [
        {
            "line": lines[0].line_no,
            "source_line": lines[0].source_line,
            "sku": lines[0].kit_sku or lines[0].sku,
            "quantity": sold,
        }
        for lines in told.values()
        if (sold := sold_units(lines, units))
    ]
