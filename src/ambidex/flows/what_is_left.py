"""Refusals in the caller's words: SKUs and codes, the lines that lack, and what is left where they may be served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ambidex.domains.availability import MayNotServe
from ambidex.domains.inventory import SoldOut
from ambidex.flows.placing import Part
from ambidex.flows.serving import Unserved
from ambidex.flows.shelf import Lack, Shelf
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import FieldError, Problem
from ambidex.reads.availability import look
from ambidex.runtime.db import Tx


async def say_what_is_left(
    tx: Tx, shelf: Shelf, unserved: Mapping[OrderId, Unserved]
) -> dict[OrderId, Problem]:
    """The refusal of each order that stock or place does not allow. One look at all their items."""
    parts = [lack.part for lacks in shelf.lacks.values() for lack in lacks]
    parts += [part for one in unserved.values() for part, _ in one.lines]
    if not parts:
        return {}
    shelf.seen = shelf.seen or await look(tx, {part.item.item_id for part in parts})
    return {
        **{order_id: _sold_out(shelf, lacks) for order_id, lacks in shelf.lacks.items()},
        **{order_id: _may_not_serve(shelf, one) for order_id, one in unserved.items()},
    }


def _sold_out(shelf: Shelf, lacks: Iterable[Lack]) -> SoldOut:
    lines = [{**_line(one.part), "available": one.available} for one in lacks]
    detail = "; ".join(f"{one['item']}: {one['available']} left of {one['quantity']} wanted" for one in lines)
    errors: list[FieldError] = [
        {"field": f"lines[{one.part.asked}].quantity", "expected": f"at most {one.available}"}
        for one in lacks
    ]
    return SoldOut(detail, errors=errors, lines=lines, left=_left(shelf, [one.part for one in lacks]))


def _may_not_serve(shelf: Shelf, one: Unserved) -> MayNotServe:
    lines = [
        {**_line(part), "location": part.place.code if one.was_chosen else "", "reason": reason}
        for part, reason in one.lines
    ]
    detail = "; ".join(f"{part.item.sku}: {reason}" for part, reason in one.lines)
    errors: list[FieldError] = [
        {"field": f"lines[{part.asked}].location", "expected": "a place that may serve this customer"}
        for part, _ in one.lines
    ]
    return MayNotServe(detail, errors=errors, lines=lines, left=_left(shelf, [part for part, _ in one.lines]))


def _line(part: Part) -> dict[str, Any]:
    return {
        "line": part.asked + 1,
        "item": part.item.sku,
        "location": part.place.code,
        "quantity": part.new.quantity,
    }


def _left(shelf: Shelf, parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Where else this customer may have it, and how much."""
    assert shelf.seen is not None, "everything is looked at before a refusal is told"
    asks = {(part.item.item_id, part.item.sku): part.ask for part in parts}
    return [
        {"item": sku, "location": shelf.seen.spots[place].code, "available": units}
        for (item_id, sku), ask in asks.items()
        for place, units in shelf.may_have(item_id, ask).items()
    ]
