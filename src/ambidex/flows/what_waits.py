"""What waits in the parking queue as it was bought: a line, or a kit of which all parts wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import catalogue, channels, orders
from ambidex.domains.orders import Line, Order
from ambidex.flows.kits import sold_units
from ambidex.flows.parking import NothingIsParked, parked_units
from ambidex.flows.serving import destination
from ambidex.kernel.ids import ItemId, OrderId
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.reads.other_items import OtherItem, other_items
from ambidex.reads.parked_orders import NotInTheQueue, ParkedOrder, parked_order
from ambidex.runtime.db import Read


class SoldByAShop(Problem):
    """This order belongs to a connected shop, which counts its own lines and takes its own money."""

    status, code = 409, "sold-by-a-shop"
    advice = (
        "Agree with the customer, take what waits out of the order in the shop and pay it back, which cancels it here too, "
        "and sell the other item there as an order of its own: it comes in by itself."
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """What a parked order waits for under a line, and what could be offered in its place, the most alike first."""

    parked: ParkedOrder
    order: Order
    bought: Bought
    found: Sequence[OtherItem]


@dataclass(frozen=True, slots=True)
class Bought:
    """So many `units` of what was bought under this line; `replaces` are the units of our lines, those of a kit together."""

    line_no: int
    item_id: ItemId
    title: str
    units: int
    lines: tuple[Line, ...]
    replaces: Mapping[int, int]


async def shop_of(read: Read, order: Order) -> str:
    """The connected shop that sold it; "" when it is ours to change."""
    source = await channels.source_by_id(read, order.source_id)
    return "" if source.is_our_api else source.code


async def must_be_ours(read: Read, order: Order) -> None:
    """Raises SoldByAShop."""
    shop = await shop_of(read, order)
    if shop:
        raise SoldByAShop(f"order {order.number} belongs to {shop}", source=shop)


async def what_waits(read: Read, order: Order, line_no: int) -> Bought:
    """All that waits of the line. A kit is one thing while all of it waits; a part alone is a thing with its share of the price.

    Raises NothingIsParked.
    """
    waits, line = parked_units(order), order.line(line_no)
    if line is None or line_no not in waits:
        raise NothingIsParked(order_id=order.order_id.hex, line=line_no)
    parts = tuple(one for one in order.lines if line.kit_no and one.kit_no == line.kit_no)
    kits = sold_units(parts, waits)
    whole = {one.line_no: kits * one.quantity // one.kit_quantity for one in parts}
    if kits and all(waits.get(number) == units for number, units in whole.items()):
        kit = await catalogue.by_sku(read, line.kit_sku)
        return Bought(line_no, kit.item_id, line.kit_title, kits, parts, whole)
    title = f"{line.title} ({line.kit_title})" if line.kit_no else line.title
    return Bought(line_no, line.item_id, title, waits[line_no], (line,), {line_no: waits[line_no]})


async def choice(read: Read, order_id: OrderId, line_no: int) -> Choice:
    """Raises NotInTheQueue, SoldByAShop."""
    parked = await parked_order(read, order_id)
    if not parked.waits_for(line_no):
        raise NotInTheQueue(order_id=order_id.hex, line=line_no)
    order = await orders.order(read, order_id)
    await must_be_ours(read, order)
    bought = await what_waits(read, order, line_no)
    country, postcode = destination(parked.address)
    to, method = {"country": country, "postcode": postcode}, bought.lines[0].method.value
    asked = {"channel": parked.channel, "method": method}
    return Choice(
        parked, order, bought, await other_items(read, bought.item_id, bought.units, to=to, **asked)
    )
