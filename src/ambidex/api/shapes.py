"""Shapes that several operations share: money, a time on a clock, and the frame of a list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput

T = TypeVar("T")
# a device without a battery says 1970; beyond these no clock and no calendar of ours goes
CLOCKS_FROM, CLOCKS_UNTIL = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)


def _on_a_clock(when: datetime) -> datetime:
    if not CLOCKS_FROM <= when <= CLOCKS_UNTIL:
        raise ValueError(f"a time from {CLOCKS_FROM:%Y} to {CLOCKS_UNTIL:%Y} was expected")
    return when


Moment = Annotated[AwareDatetime, AfterValidator(_on_a_clock)]


class MoneyShape(BaseModel):
    """An amount as a decimal string."""

    amount: str = Field(max_length=24, examples=["19.90"])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])

    @classmethod
    def of(cls, money: Money) -> MoneyShape:
        """As it is shown."""
        return cls(amount=money.decimal, currency=money.currency)

    def read(self, field: str) -> Money:
        """As we keep it; BadInput names the field when it is no exact amount."""
        return read_money(self.amount, self.currency, field)


class QuoteKept(BaseModel):
    """What became of the quote that an order named: taken as held, or placed anew because of what had changed."""

    id: str
    kept: bool
    differences: list[dict[str, Any]]


class Listed(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor to go on with, null at the end."""

    items: list[T]
    next: str | None = None


def read_money(amount: str, currency: str, field: str) -> Money:
    """An amount given as text."""
    try:
        return Money.parse(amount, currency)
    except ValueError as cause:
        raise BadInput(errors=[{"field": field, "expected": 'an amount such as "19.90"'}]) from cause
