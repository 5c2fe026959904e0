"""The smallest order of the contract, and the key that tests sign links and codes with."""

from __future__ import annotations

from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.kernel.money import Money

KEY = b"a key for tests, thirty-two bytes"
PRICE = Money.parse("19.90", "GBP")


def new_order(
    *,
    reference: str = "W-1001",
    sku: str = "MUG-01",
    quantity: int = 1,
    place: str = "camden",
    **more: object,
) -> NewOrder:
    """The smallest order of the contract."""
    values: dict[str, object] = {
        "source": "web:main",
        "reference": reference,
        "channel": "web",
        "currency": "GBP",
        "contact": Contact("Ama Owusu", "ama@example.com", "+12065550100"),
        "lines": (NewLine(sku, quantity, PRICE, Method.PICKUP, place),),
        "payments": (NewPayment("authorized", PRICE * quantity),),
        **more,
    }
    return NewOrder(**values)  # type: ignore[arg-type]  # fields of NewOrder
