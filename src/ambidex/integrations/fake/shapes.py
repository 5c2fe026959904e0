"""JSON as Shopify writes it (Admin API 2026-07), made from a few words. Only the double uses it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass

ZONE_SECONDS = -5 * 3600


@dataclass(frozen=True)
class Ware:
    """One line that somebody buys: what, how many, for how much each."""

    sku: str
    title: str
    quantity: int
    price: Money


@dataclass(frozen=True)
class Visitor:
    """Who buys in the double's shop."""

    name: str
    email: str = ""
    phone: str = ""
    language: str = "en"


def local(at: datetime) -> str:
    """A time with the shop's own offset, to the second."""
    shifted = (at + timedelta(seconds=ZONE_SECONDS)).replace(microsecond=0, tzinfo=None)
    return f"{shifted.isoformat()}-05:00"


def both(amount: Money) -> dict[str, Any]:
    """The two-currency form of an amount."""
    one = {"amount": amount.decimal, "currency_code": amount.currency}
    return {"shop_money": one, "presentment_money": one}


def order(
    number: int, ident: int, *, visitor: Visitor, wares: Sequence[Ware], at: datetime
) -> dict[str, Any]:
    """A paid order as `orders/create` sends it. It does not say how or where the goods reach the customer."""
    currency = wares[0].price.currency
    total = sum((ware.price * ware.quantity for ware in wares), Money(0, currency))
    first, _, last = visitor.name.partition(" ")
    return {
        "id": ident, "admin_graphql_api_id": f"gid://shopify/Order/{ident}", "name": f"#{number}",
        "order_number": number, "email": visitor.email, "phone": visitor.phone or None,
        "created_at": local(at), "processed_at": local(at), "updated_at": local(at),
        "cancelled_at": None, "cancel_reason": None, "closed_at": None, "test": False,
        "currency": currency, "presentment_currency": currency, "taxes_included": False,
        "financial_status": "paid", "fulfillment_status": None, "customer_locale": visitor.language,
        "total_price": total.decimal, "total_price_set": both(total), "total_tax": Money(0, currency).decimal,
        "total_shipping_price_set": both(Money(0, currency)), "total_discounts": Money(0, currency).decimal,
        "customer": {
            "id": ident + 5, "first_name": first, "last_name": last, "email": visitor.email,
            "phone": visitor.phone or None,
        },
        "billing_address": None, "shipping_address": None, "shipping_lines": [], "tags": "",
        "line_items": [line(ident * 10 + place, ware) for place, ware in enumerate(wares, 1)],
        "fulfillments": [], "refunds": [], "tax_lines": [], "source_name": "web",
    }  # fmt: skip


def line(ident: int, ware: Ware) -> dict[str, Any]:
    """A line of an order."""
    return {
        "id": ident, "sku": ware.sku, "variant_id": ident + 7, "title": ware.title, "name": ware.title,
        "quantity": ware.quantity, "current_quantity": ware.quantity, "fulfillable_quantity": ware.quantity,
        "price": ware.price.decimal, "price_set": both(ware.price), "requires_shipping": True,
        "total_discount": Money(0, ware.price.currency).decimal, "tax_lines": [], "discount_allocations": [],
        "fulfillment_status": None, "gift_card": False,
    }  # fmt: skip


def work(ident: int, sold: Mapping[str, Any], *, place: int, way: str) -> dict[str, Any]:
    """The fulfillment order of all lines at one place."""
    return {
        "id": ident, "order_id": sold["id"], "assigned_location_id": place, "status": "open",
        "request_status": "unsubmitted", "created_at": sold["created_at"], "updated_at": sold["updated_at"],
        "delivery_method": {"id": ident + 1, "method_type": way},
        "assigned_location": {"location_id": place, "name": f"Place {place}"},
        "line_items": [
            {
                "id": one["id"] + 1, "line_item_id": one["id"], "fulfillment_order_id": ident,
                "quantity": one["quantity"], "fulfillable_quantity": one["quantity"],
                "variant_id": one["variant_id"],
            }
            for one in sold["line_items"]
        ],
    }  # fmt: skip


def refund(
    ident: int, sold: Mapping[str, Any], *, amount: Money, units: Mapping[int, int], at: datetime
) -> dict[str, Any]:
    """A refund that takes these units (line id -> units) out of the order."""
    return {
        "id": ident, "order_id": sold["id"], "created_at": local(at), "processed_at": local(at), "note": None,
        "refund_line_items": [
            {"id": ident + place, "line_item_id": one, "quantity": quantity, "restock_type": "cancel"}
            for place, (one, quantity) in enumerate(units.items(), 1)
        ],
        "transactions": [{
            "id": ident + 1, "order_id": sold["id"], "kind": "refund", "status": "success",
            "amount": amount.decimal, "currency": amount.currency, "created_at": local(at),
            "processed_at": local(at),
        }],
        "order_adjustments": [],
    }  # fmt: skip


def fulfillment(
    ident: int, sold: Mapping[str, Any], *, lines: Mapping[int, int], at: datetime
) -> dict[str, Any]:
    """Goods that left, as far as the platform knows."""
    named = {one["id"]: one for one in sold["line_items"]}
    return {
        "id": ident, "order_id": sold["id"], "status": "success", "created_at": local(at),
        "updated_at": local(at), "tracking_number": None,
        "line_items": [named[one] | {"quantity": quantity} for one, quantity in lines.items()],
    }  # fmt: skip
