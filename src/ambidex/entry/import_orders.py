"""How one line of an orders file is read: the order of the API, with how and when it ended."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, ValidationError

from ambidex.api.order_shapes import LineIn, OrderIn, PaymentIn
from ambidex.flows.import_orders import orders_kind
from ambidex.flows.recall_orders import OPEN, Imported
from ambidex.kernel.problem import BadInput, FieldError
from ambidex.kernel.values import replace

Units = Annotated[int, Field(ge=0, le=100_000, strict=True)]
Status = Literal["pending", "authorized", "captured", "voided", "refunded"]
STILL = frozenset({"pending", "authorized", "captured"})


class PastLineIn(LineIn):
    """A line, and what of it came back or was canceled."""

    returned: Units = 0
    canceled: Units = 0


class PastPaymentIn(PaymentIn):
    """A tender by the last word about it."""

    status: Status  # type: ignore[assignment]  # more words than a new order may use


class OrderLine(OrderIn):
    """An order of a file: open ones are placed, those that are over come in as history."""

    lines: list[PastLineIn] = Field(min_length=1, max_length=500)  # type: ignore[assignment]  # a richer line
    payment: PastPaymentIn | None = None
    payments: list[PastPaymentIn] = Field(default=[], max_length=20)  # type: ignore[assignment]  # a richer tender
    status: Literal["open", "closed", "canceled"] = "open"
    placed_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    source_number: str = Field(default="", max_length=100)

    def imported(self) -> Imported:
        """As the flow takes it. Raises BadInput by field."""
        told = ([self.payment] if self.payment else []) + self.payments
        wrong = [one.status for one in told if one.status not in STILL]
        if self.status == OPEN and wrong:
            expected = "pending, authorized or captured while the order is open"
            raise BadInput(errors=[{"field": "payments", "expected": expected}])
        new = replace(self.read(), placed_at=self.placed_at, source_number=self.source_number)
        return Imported(
            new=new,
            status=self.status,
            ended_at=self.ended_at,
            returned={n: line.returned for n, line in enumerate(self.lines, start=1) if line.returned},
            canceled={n: line.canceled for n, line in enumerate(self.lines, start=1) if line.canceled},
            money=tuple(one.status for one in told),
        )


def understand(text: str) -> Imported:
    """The order in one line of JSON. Raises BadInput by field."""
    try:
        return OrderLine.model_validate_json(text).imported()
    except ValidationError as found:
        errors: list[FieldError] = [
            {"field": ".".join(map(str, one["loc"])), "expected": one["msg"]} for one in found.errors()
        ]
        raise BadInput(errors=errors) from found


ORDERS = orders_kind(understand)
