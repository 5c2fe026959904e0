"""Units of an order that are to be sent and have no place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ambidex.domains.orders import Line, LineState, Method, Order
from ambidex.domains.promises import Promise
from ambidex.kernel.values import dataclass, field


@dataclass(frozen=True, slots=True)
class Loose:
    """Units (line number -> units) that have no place, where they stand, and why.

    `words` tell the customer why it will be later, if it will; `promised_by` is the day they were told; `promise` is
    what nobody keeps any more unless another place does; `not_from` are codes of places that cannot do it now, and why.
    """

    order: Order
    units: Mapping[int, int]
    origin: LineState
    cause: str
    words: str = ""
    promise: Promise | None = None
    promised_by: datetime | None = None
    not_from: Mapping[str, str] = field(default_factory=dict)

    @property
    def lines(self) -> list[Line]:
        return [line for line in self.order.lines if self.units.get(line.line_no)]

    @property
    def methods(self) -> list[Method]:
        return sorted({line.method for line in self.lines})

    def of(self, method: Method) -> dict[int, int]:
        """The units of one method."""
        return {line.line_no: self.units[line.line_no] for line in self.lines if line.method is method}
