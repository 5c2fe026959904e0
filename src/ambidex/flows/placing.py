"""Pure decisions of placing: what the codes in an order mean, and the lines and work that follow.

What stock gives is decided in shelf.py, which place may serve whom in serving.py, kits are taken apart in kits.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import routing
from ambidex.domains.availability import Ask, Rulebook
from ambidex.domains.catalogue import Item
from ambidex.domains.channels import Source
from ambidex.domains.inventory import Place
from ambidex.domains.locations import Location
from ambidex.domains.orders import Draft, Line, LineState, Method, NewLine, NewOrder
from ambidex.domains.promises import Plan
from ambidex.flows.calendar import Calendar
from ambidex.flows.kits import KitPart
from ambidex.flows.snapshots import Senders
from ambidex.kernel.ids import LocationId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field, replace

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
    # how goods are sent: the versions of the rules, and the senders as they stand; None when nothing is sent
    rules: routing.versions.Rulebook | None = None
    sending: Senders | None = None
    # pauses and limits of the places; None: nothing is written for any of them
    calendar: Calendar | None = None
    # what follows from the plans above, by place, method and due date; kept as long as they are (follow_up.Here)
    here: dict[tuple[LocationId, Method, datetime | None], Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A line with its place: units that stock gives, and units that it does not.

    `asked` is the index of the line that was sent; `wanted`: its units from this place, as a line may come from
    several; `routed`: nobody chose the place.
    """

    line_no: int
    item: Item
    place: Location
    new: NewLine
    ask: Ask
    asked: int
    wanted: int
    routed: bool = False
    taken: int = 0
    short: int = 0
    kit: KitPart | None = None

    def given(self, units: int) -> Part:
        """So many units are given; the rest is short. Written out, as this is done for every line of every order."""
        return Part(
            self.line_no, self.item, self.place, self.new, self.ask, self.asked, self.wanted, self.routed, units,
            self.wanted - units, self.kit,
        )  # fmt: skip

    def sent_from(self, place: Location, units: int) -> Part:
        """So many units of it come from there."""
        return Part(
            self.line_no, self.item, place, self.new, self.ask, self.asked, units, routed=True, kit=self.kit
        )

    @property
    def position(self) -> Place:
        return self.item.item_id, self.place.location_id


@dataclass(frozen=True, slots=True)
class Routed:
    """What was known and decided about lines whose place nobody chose, by which version of whose rules."""

    snapshot: routing.Snapshot
    decided: routing.model.Decision
    brand: str
    arm: str
    took_us: int = 0
    cause: str = "placed"

    def measured(self, took_us: int) -> Routed:
        """Knowing how long deciding took, which nothing is decided by."""
        return replace(self, took_us=took_us)


Plans = Mapping[tuple[LocationId, Method], Plan]


@dataclass(frozen=True, slots=True)
class Decision:
    """An order that will be placed.

    `plans`: what is promised of a place and method, where that is not the place's own plan; `routed`: what was decided
    about lines whose place nobody chose.
    """

    draft: Draft
    parts: tuple[Part, ...]
    plans: Plans = field(default_factory=dict)
    routed: tuple[Routed, ...] = ()

    def measured(self, took_us: int) -> Decision:
        """Knowing how long deciding about it took."""
        return replace(self, routed=tuple(one.measured(took_us) for one in self.routed))

    def all_taken(self) -> Decision:
        """Everything that was asked is given."""
        return self.taken([part.wanted for part in self.parts])

    def taken(self, units: Sequence[int]) -> Decision:
        """So many units of each part are given; the rest is short."""
        pairs = zip(self.parts, units, strict=True)
        return Decision(self.draft, tuple(part.given(n) for part, n in pairs), self.plans, self.routed)

    def is_planned(self, part: Part) -> bool:
        """Whether it is known when goods of this part reach the customer; what is collected needs no plan of its own."""
        key = part.place.location_id, part.new.method
        return part.new.method is Method.PICKUP or key in self.plans

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
    """The lines as they will be written: what stock gave is reserved, what it did not is short.

    The place of a line that comes from several is the one that gives most of it.
    """
    shares: dict[int, list[Part]] = {}
    for part in decision.parts:
        shares.setdefault(part.line_no, []).append(part)
    return tuple(_line(parts, decision.draft.new.currency) for parts in shares.values())


def _line(parts: Sequence[Part], currency: str) -> Line:
    part = parts[0] if len(parts) == 1 else max(parts, key=lambda one: one.taken)
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
        counts={
            LineState.RESERVED: sum([one.taken for one in parts]),
            LineState.SHORT: sum([one.short for one in parts]),
        },
        source_line=part.new.source_line,
        kit_sku=kit.sku if kit else "",
        kit_title=kit.title if kit else "",
        kit_no=kit.no if kit else 0,
        kit_quantity=kit.quantity if kit else 0,
    )
