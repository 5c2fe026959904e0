"""One real order, decided once more by another version of the rules, beside what was decided: nothing is changed."""

from __future__ import annotations

from ambidex.domains import routing
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

ask, model, stored = routing.ask, routing.model, routing.stored


@dataclass(frozen=True, slots=True)
class Drive:
    """`decided` is the stored receipt; `would` what the version decides from the same facts."""

    order_id: OrderId
    receipt_no: int
    cause: str
    decided: model.Receipt
    would: model.Receipt

    @property
    def differs(self) -> bool:
        """Whether another place would send something."""
        return routing.trials.sent(self.decided.chosen) != routing.trials.sent(self.would.chosen)


async def drive(
    read: Read, order_id: OrderId, *, brand: str, number: int, receipt_no: int | None = None
) -> Drive:
    """By the facts of that decision, the last one when none is named. UnknownVersion, UnknownReceipt."""
    version = await ask.version(read, brand, number)
    one = await ask.receipt(read, order_id, receipt_no)
    would = routing.decide(one.seen_by(version.policy)).receipt
    return Drive(one.order_id, one.receipt_no, one.cause, stored.receipt_of(one.receipt), would)
