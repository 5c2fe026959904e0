"""Pure decisions of placing: what the codes in an order mean, and the lines and work that follow.

What stock gives is decided in shelf.py, which place may serve whom in serving.py, kits are taken apart in kits.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ambidex.domains.availability import Ask, Rulebook
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.inventory import Claim, Place
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Line, LineState, Method, NewLine, NewOrder
from ambidex.domains.promises import Plan
from ambidex.flows.kits import KitPart
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem

SECURED = frozenset({"authorized", "captured"})
NO_RULES = Rulebook()


@dataclass(frozen=True, slots=True)
class Words:
    """What the codes of a list of orders mean. `items` knows the components of kits too.

    `senders` are the places that send, in the order in which they are asked: warehouses first, then by code.
    """

    sources: Mapping[str, Source | Problem]
    items: Mapping[str, Item]
    places: Mapping[str, Location]
    senders: Sequence[Location] = ()
    # None: the place never opens again
    plans: Mapping[LocationId, Plan | None] = field(default_factory=dict)
    book: Rulebook = NO_RULES


@dataclass(frozen=True, slots=True)
class Part:
    """A line with its place: units that stock gives, and units that it does not.

    `asked` is the index of the line that was sent; `routed`: nobody chose the place.
    """

    line_no: int
    item: Item
    place: Location
    new: NewLine
    ask: Ask
    asked: int
    routed: bool = False
    taken: int = 0
    short: int = 0
    kit: KitPart | None = None

    def claim(self, order_id: OrderId, quantity: int) -> Claim:
        return Claim(self.item.item_id, self.place.location_id, order_id, self.line_no, quantity)

    def given(self, units: int) -> Part:
        """So many units are given; the rest is short. Written out, as this is done for every line of every order."""
        return Part(
            self.line_no, self.item, self.place, self.new, self.ask, self.asked, self.routed, units,
            self.new.quantity - units, self.kit,
        )  # fmt: skip

    @property
    def position(self) -> Place:
        return self.item.item_id, self.place.location_id


@dataclass(frozen=True, slots=True)
class Decision:
    """An order that will be placed."""

    draft: Draft
    parts: tuple[Part, ...]

    def all_taken(self) -> Decision:
        """Everything that was asked is given."""
        return self.taken([part.new.quantity for part in self.parts])

    def taken(self, units: Sequence[int]) -> Decision:
        """So many units of each part are given; the rest is short."""
        pairs = zip(self.parts, units, strict=True)
        return Decision(self.draft, tuple(part.given(n) for part, n in pairs))

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


def lines_of(decision: Decision) -> tuple[Line, ...]:
    """The lines as they will be written: what stock gave is reserved, what it did not is short."""
    return tuple(_line(part, decision.draft.new.currency) for part in decision.parts)


def _line(part: Part, currency: str) -> Line:
    nothing, kit = Money(0, currency), part.kit
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
        kit_sku=kit.sku if kit else "",
        kit_title=kit.title if kit else "",
        kit_no=kit.no if kit else 0,
        kit_quantity=kit.quantity if kit else 0,
    )
