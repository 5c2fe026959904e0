"""A question to a customer that is still open, with the answer somebody gives it."""

from __future__ import annotations

from collections import Counter

from ambidex.domains import locations, orders, promises
from ambidex.domains.inventory import Claim
from ambidex.domains.locations import Location
from ambidex.domains.orders import LineState, Order
from ambidex.domains.promises import Promise, PromiseKind
from ambidex.flows import options
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx


class NothingToChoose(Problem):
    """There is nothing to choose any more."""

    status, code = 409, "nothing-to-choose"
    advice = "The order page shows what was chosen."


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with its answer, the order locked. `place` is where the goods were missing."""

    order: Order
    promise: Promise
    option: str
    place: Location

    @property
    def units(self) -> dict[int, int]:
        return options.units_of(self.promise)

    @property
    def origin(self) -> LineState:
        return LineState(self.promise.facts["origin"])

    @property
    def cause(self) -> str:
        """One money fact for one choice."""
        return f"choice {self.promise.promise_no}: {self.option}"

    @property
    def wanted_there(self) -> dict[tuple[ItemId, LocationId], int]:
        """How many of each item it takes at the place where they were missing."""
        total: Counter[tuple[ItemId, LocationId]] = Counter()
        for claim in self.claims(self.place):
            total[claim.place] += claim.quantity
        return dict(total)

    def claims(self, location: Location) -> list[Claim]:
        lines = {line.line_no: line for line in self.order.lines}
        return [
            Claim(lines[n].item_id, location.location_id, self.order.order_id, n, count)
            for n, count in sorted(self.units.items())
        ]


async def open_question(tx: Tx, order_id: OrderId, promise_no: int, option: str) -> Choice:
    """Lock the order and take its question with this answer; no `option`: the announced default.

    Raises NothingToChoose, BadInput.
    """
    order = await orders.lock_order(tx, order_id)
    found = await promises.open_promises(tx, order_id, kind=PromiseKind.ANSWER_BY)
    promise = next((p for p in found if p.promise_no == promise_no), None)
    if promise is None or promise.location_id is None:
        raise NothingToChoose(promise=promise_no)
    option = option or str(promise.facts["default"])
    keys = [one["key"] for one in promise.facts["options"]]
    if option not in keys:
        raise BadInput(option, errors=[{"field": "option", "expected": " | ".join(keys)}])
    return Choice(order, promise, option, await locations.by_id(tx, promise.location_id))
