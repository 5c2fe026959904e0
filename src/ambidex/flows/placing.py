"""Pure decisions of placing: what the codes in an order mean, what stock gives, and the work that follows.

Orders of a list are decided in the order of their arrival over one running view of the stock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ambidex.domains import inventory
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.inventory import Claim, Place, SoldOut
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Line, LineState, Method, NewLine, NewOrder
from ambidex.domains.promises import Plan
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, FieldError, Problem

SECURED = frozenset({"authorized", "captured"})


@dataclass(frozen=True, slots=True)
class Words:
    """What the codes of a list of orders mean. `warehouses` are those that may send, by code."""

    sources: Mapping[str, Source | Problem]
    items: Mapping[str, Item]
    places: Mapping[str, Location]
    warehouses: Sequence[Location] = ()
    # None: the place never opens again
    plans: Mapping[LocationId, Plan | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A line with its place: units that stock gives, and units that it does not."""

    line_no: int
    item: Item
    place: Location
    new: NewLine
    taken: int = 0
    short: int = 0

    def claim(self, order_id: OrderId, quantity: int) -> Claim:
        return Claim(self.item.item_id, self.place.location_id, order_id, self.line_no, quantity)

    @property
    def position(self) -> Place:
        return self.item.item_id, self.place.location_id


@dataclass(frozen=True, slots=True)
class Decision:
    """An order that will be placed."""

    draft: Draft
    parts: tuple[Part, ...]

    @property
    def claims(self) -> list[Claim]:
        return [part.claim(self.draft.order_id, part.taken) for part in self.parts if part.taken]

    @property
    def short(self) -> list[tuple[Location, dict[int, int]]]:
        """Units that stock did not give: place, and line number -> units."""
        places = {part.place.location_id: part.place for part in self.parts if part.short}
        return [
            (
                place,
                {p.line_no: p.short for p in self.parts if p.short and p.place.location_id == location_id},
            )
            for location_id, place in places.items()
        ]

    @property
    def groups(self) -> list[tuple[Location, Method, list[Part]]]:
        """What each place has to do with each method, in the order of the lines."""
        found: dict[tuple[LocationId, Method], list[Part]] = {}
        for part in self.parts:
            if part.taken:
                found.setdefault((part.place.location_id, part.new.method), []).append(part)
        return [(parts[0].place, method, parts) for (_, method), parts in found.items()]

    @property
    def is_secured(self) -> bool:
        """Whether stock and money are."""
        new = self.draft.new
        paid = all(p.status in SECURED for p in new.payments) if new.payments else not _costs(new)
        return paid and not any(part.short for part in self.parts)


def _costs(new: NewOrder) -> bool:
    return any(line.unit_price.minor for line in new.lines)


@dataclass(slots=True)
class Shelf:
    """A running view of the stock: what the orders before have taken is gone for the next."""

    left: dict[Place, int]
    refused: dict[OrderId, list[Claim]] = field(default_factory=dict)

    def give(self, decision: Decision) -> Decision | Problem:
        """All that was asked, or a refusal that names what is lacking."""
        asked = [part.claim(decision.draft.order_id, part.new.quantity) for part in decision.parts]
        refusal = inventory.refuse(asked, self.left)
        if refusal is not None:
            self.refused[decision.draft.order_id] = asked
            return refusal
        return self._take(decision)

    def give_what_is_there(self, decision: Decision, plans: Mapping[LocationId, Plan | None]) -> Decision:
        """As much as there is at open places; the rest is short. For orders that somebody else has sold already."""
        closed = {location_id for location_id, plan in plans.items() if plan is None}
        return self._take(decision, closed=closed)

    def _take(self, decision: Decision, *, closed: Collection[LocationId] = ()) -> Decision:
        parts = []
        for part in decision.parts:
            there = 0 if part.place.location_id in closed else self.left.get(part.position, 0)
            units = max(0, min(part.new.quantity, there))
            self.left[part.position] = self.left.get(part.position, 0) - units
            short = part.new.quantity - units
            parts.append(Part(part.line_no, part.item, part.place, part.new, units, short))
        return Decision(decision.draft, tuple(parts))


def understand(draft: Draft, words: Words, left: Mapping[Place, int]) -> Decision | BadInput:
    """Items and places of the lines; lines to be sent without a place go to one warehouse."""
    errors: list[FieldError] = []
    for index, line in enumerate(draft.new.lines):
        errors += [{**e, "field": f"lines[{index}].{e['field']}"} for e in _line_faults(line, words)]
    if errors:
        return BadInput("the order cannot be placed as sent", errors=errors)
    sender = _sender(draft.new, words, left)
    if sender is None:
        return BadInput("no warehouse sends goods", errors=[{"field": "lines", "expected": "a location"}])
    parts = [
        Part(number, words.items[line.sku], words.places[line.location] if line.location else sender, line)
        for number, line in enumerate(draft.new.lines, start=1)
    ]
    return Decision(draft, tuple(parts))


def _line_faults(line: NewLine, words: Words) -> list[FieldError]:
    errors: list[FieldError] = []
    if line.sku not in words.items:
        errors.append({"field": "item", "expected": "a known SKU", "advice": f"Create {line.sku} first."})
    place = words.places.get(line.location or "")
    if line.location and place is None:
        errors.append({"field": "location", "expected": "a known place", "advice": "Check its code."})
    if not line.location and line.method is Method.PICKUP:
        advice = "Say where the customer collects it."
        errors.append({"field": "location", "expected": "the code of a store", "advice": advice})
    if place is not None and line.method is Method.PICKUP and not place.hands_over():
        errors.append({"field": "location", "expected": "a place that hands over to customers"})
    return errors


def _sender(new: NewOrder, words: Words, left: Mapping[Place, int]) -> Location | None:
    """The first warehouse by code that has everything, else the first at all. Orders with places need none."""
    open_lines = [line for line in new.lines if not line.location]
    if not open_lines:
        return next(iter(words.places.values()))
    wanted: dict[ItemId, int] = {}
    for line in open_lines:
        item_id = words.items[line.sku].item_id
        wanted[item_id] = wanted.get(item_id, 0) + line.quantity
    for place in words.warehouses:
        if all(left.get((item, place.location_id), 0) >= units for item, units in wanted.items()):
            return place
    return next(iter(words.warehouses), None)


def lines_of(decision: Decision) -> tuple[Line, ...]:
    """The lines as they will be written: what stock gave is reserved, what it did not is short."""
    return tuple(_line(part, decision.draft.new.currency) for part in decision.parts)


def _line(part: Part, currency: str) -> Line:
    nothing = Money(0, currency)
    return Line(
        line_no=part.line_no,
        item_id=part.item.item_id,
        sku=part.item.sku,
        title=part.new.title or part.item.title,
        quantity=part.new.quantity,
        unit_price=part.new.unit_price,
        tax=part.new.tax or nothing,
        discount=part.new.discount or nothing,
        method=part.new.method,
        location_id=part.place.location_id,
        counts={LineState.RESERVED: part.taken, LineState.SHORT: part.short},
        source_line=part.new.source_line,
    )


def explain(
    claims: Sequence[Claim],
    available: Mapping[Place, int],
    *,
    items: Iterable[Item],
    places: Mapping[LocationId, str],
) -> SoldOut:
    """The refusal in the words of the caller: SKUs and codes, the lines that lack, and what is left where."""
    skus = {item.item_id: item.sku for item in items}
    refusal = inventory.refuse(claims, available)
    lines = [] if refusal is None else refusal.facts["lines"]
    left = [] if refusal is None else refusal.facts["left"]
    lacking = [
        {
            "line": lack.line,
            "item": skus[lack.item_id],
            "location": places.get(lack.location_id, ""),
            "quantity": lack.wanted,
            "available": lack.available,
        }
        for lack in lines  # type: ignore[attr-defined]  # facts are objects of inventory.model
    ]
    elsewhere = [
        {"item": skus[one.item_id], "location": places[one.location_id], "available": one.available}
        for one in left  # type: ignore[attr-defined]  # facts are objects of inventory.model
        if one.location_id in places
    ]
    detail = "; ".join(
        f"{one['item']}: {one['available']} left of {one['quantity']} wanted" for one in lacking
    )
    errors: list[FieldError] = [
        {"field": f"lines[{one['line'] - 1}].quantity", "expected": f"at most {one['available']}"}
        for one in lacking
    ]
    return SoldOut(detail, errors=errors, lines=lacking, left=elsewhere)
