"""A Shopify order, refund, fulfillment and fulfillment order in our words.

Field meanings: Shopify Admin REST reference 2026-07 (Order, Refund, Fulfillment, FulfillmentOrder). Amounts are in
the shop's own currency; what the customer saw (presentment) is kept as a remark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.flows.shop_port import (
    Buyer,
    Entry,
    MoneyReport,
    ReportKind,
    ShopFulfillment,
    ShopLine,
    ShopOrder,
    ShopRefund,
    ShopWork,
    Unreadable,
    Way,
)
from ambidex.integrations.shopify.fields import (
    Json,
    ident,
    instant,
    maybe_ident,
    maybe_instant,
    money,
    part,
    parts,
    text,
    units,
)
from ambidex.kernel.money import Money

# "local" is a courier of the shop, "retail" the till itself, "pickup_point" somebody else's counter
WAYS = {
    "pick_up": Way.PICKUP,
    "pickup": Way.PICKUP,
    "shipping": Way.SHIP,
    "local": Way.DELIVER,
    "none": Way.NOTHING,
    "retail": Way.NOTHING,
}
ADDRESS = (
    "name", "company", "address1", "address2", "city", "zip", "province", "province_code", "country",
    "country_code", "phone",
)  # fmt: skip
# these take units out of the order; "return" and "no_restock" are money only
TAKES_OUT = frozenset({"cancel", "legacy_restock"})
MONEY_ONLY = frozenset({"return", "no_restock"})
CAPTURED = frozenset({"paid", "partially_refunded", "refunded"})
KNOWN_STATUS = CAPTURED | {"", "pending", "authorized", "partially_paid", "voided", "expired"}


def read_order(found: Json) -> ShopOrder:
    """One order. Raises Unreadable naming the field that cannot be understood."""
    currency = text(found, "currency")
    if len(currency) != 3:
        raise Unreadable("currency is missing")
    reference = ident(found, "id")
    refunds = tuple(read_refund(one, order=reference) for one in parts(found, "refunds"))
    placed_at = instant(found, "processed_at", "created_at")
    return ShopOrder(
        reference=reference,
        number=text(found, "name") or maybe_ident(found, "order_number") or reference,
        placed_at=placed_at,
        version=instant(found, "updated_at", "created_at"),
        currency=currency,
        total=money(found, "total_price", currency),
        tax=money(found, "total_tax", currency),
        shipping=_shipping(found, currency),
        prices_include_tax=found.get("taxes_included") is True,
        buyer=_buyer(found),
        lines=tuple(_line(one, currency, refunds) for one in parts(found, "line_items")),
        money=tuple(_money(found, reference, currency, placed_at)),
        refunds=refunds,
        fulfillments=tuple(
            gone for one in parts(found, "fulfillments") if (gone := read_fulfillment(one, order=reference))
        ),
        canceled_at=maybe_instant(found, "cancelled_at"),
        cancel_reason=text(found, "cancel_reason"),
        fulfilled=text(found, "fulfillment_status") == "fulfilled",
        remarks=_remarks(found),
    )


def read_refund(found: Json, *, order: str = "") -> ShopRefund:
    """One refund, inside an order or as a resource of its own."""
    canceled: Counter[str] = Counter()
    money_only: Counter[str] = Counter()
    unclear: Counter[str] = Counter()
    for one in parts(found, "refund_line_items"):
        restock = text(one, "restock_type")
        side = canceled if restock in TAKES_OUT else money_only if restock in MONEY_ONLY else unclear
        side[ident(one, "line_item_id")] += units(one)
    reference = ident(found, "id")
    at = instant(found, "processed_at", "created_at")
    return ShopRefund(
        reference=reference,
        order=maybe_ident(found, "order_id") or order,
        money=tuple(_paid_back(one, at) for one in parts(found, "transactions") if _is_paid_back(one)),
        canceled=dict(canceled),
        money_only=dict(money_only),
        unclear=dict(unclear),
    )


def read_fulfillment(found: Json, *, order: str = "") -> ShopFulfillment | None:
    """One fulfillment; None while it has not (or not successfully) happened."""
    reference = ident(found, "id")
    if text(found, "status") != "success":
        return None
    gone = {ident(one, "id"): units(one) for one in parts(found, "line_items")}
    return ShopFulfillment(
        reference, maybe_ident(found, "order_id") or order, instant(found, "created_at", "updated_at"), gone
    )


def read_work(found: Json) -> ShopWork:
    """One fulfillment order: the only place where Shopify says pickup, and at which location."""
    method = part(found, "delivery_method")
    place = maybe_ident(found, "assigned_location_id") or maybe_ident(
        part(found, "assigned_location"), "location_id"
    )
    asked: Counter[str] = Counter()
    for one in parts(found, "line_items"):
        asked[ident(one, "line_item_id")] += units(one)
    return ShopWork(
        reference=ident(found, "id"),
        order=maybe_ident(found, "order_id"),
        place=place,
        place_name=text(part(found, "assigned_location"), "name"),
        way=WAYS.get(text(method, "method_type").lower(), Way.UNSAID),
        state=text(found, "status"),
        units=dict(asked),
        entries={ident(one, "line_item_id"): _entry(one) for one in parts(found, "line_items")},
    )


def _entry(found: Json) -> Entry:
    left = "fulfillable_quantity" if found.get("fulfillable_quantity") is not None else "quantity"
    return Entry(maybe_ident(found, "id"), units(found, left))


def _line(found: Json, currency: str, refunds: Sequence[ShopRefund]) -> ShopLine:
    line = ident(found, "id")
    ordered = units(found)
    return ShopLine(
        line=line,
        item=item_key(found),
        title=text(found, "name", "title"),
        quantity=ordered,
        unit_price=money(found, "price", currency),
        tax=_sum(parts(found, "tax_lines"), "price", currency),
        discount=_discount(found, currency),
        canceled=_taken_out(found, line, ordered, refunds),
        physical=found.get("requires_shipping") is not False,
    )


def item_key(found: Json) -> str:
    """What the item is called there: its SKU, else its variant, else its title."""
    variant = maybe_ident(found, "variant_id")
    return text(found, "sku") or (f"variant:{variant}" if variant else f"title:{text(found, 'title')}")


def _taken_out(found: Json, line: str, ordered: int, refunds: Sequence[ShopRefund]) -> int:
    """Units that left the order: canceled by refunds, or edited away (missing from current_quantity)."""
    canceled = sum(refund.canceled.get(line, 0) for refund in refunds)
    if found.get("current_quantity") is None:
        return min(ordered, canceled)
    kept_or_returned = sum(refund.money_only.get(line, 0) for refund in refunds)
    edited = ordered - units(found, "current_quantity") - canceled - kept_or_returned
    return min(ordered, canceled + max(0, edited))


def _discount(found: Json, currency: str) -> Money:
    shares = parts(found, "discount_allocations")
    return _sum(shares, "amount", currency) if shares else money(found, "total_discount", currency)


def _sum(found: Sequence[Json], key: str, currency: str) -> Money:
    return sum((money(one, key, currency) for one in found), Money(0, currency))


def _shipping(found: Json, currency: str) -> Money:
    if found.get("total_shipping_price_set"):
        return money(found, "total_shipping_price", currency)
    return _sum(parts(found, "shipping_lines"), "price", currency)


def _money(found: Json, reference: str, currency: str, at: datetime) -> list[MoneyReport]:
    status, total = text(found, "financial_status"), money(found, "total_price", currency)
    if status not in KNOWN_STATUS:
        raise Unreadable(f"financial_status {status!r} is unknown")
    reported: list[tuple[ReportKind, Money]] = []
    if status in CAPTURED:
        reported.append((ReportKind.CAPTURED, total))
    elif status == "partially_paid":
        reported.append((ReportKind.CAPTURED, total - money(found, "total_outstanding", currency)))
    elif status in {"authorized", "voided", "expired"}:
        reported.append((ReportKind.AUTHORIZED, total))
    if status in {"voided", "expired"}:
        reported.append((ReportKind.VOIDED, total))
    return [MoneyReport(kind, amount, f"order-{reference}", at) for kind, amount in reported]


def _is_paid_back(found: Json) -> bool:
    return text(found, "kind") == "refund" and text(found, "status") == "success"


def _paid_back(found: Json, at: datetime) -> MoneyReport:
    amount = money(found, "amount", text(found, "currency"))
    happened_at = maybe_instant(found, "processed_at", "created_at") or at
    return MoneyReport(ReportKind.REFUNDED, amount, f"transaction-{ident(found, 'id')}", happened_at)


def _buyer(found: Json) -> Buyer:
    customer, billing, shipping = (
        part(found, key) for key in ("customer", "billing_address", "shipping_address")
    )
    places = [place for place in (shipping, billing) if place]
    full = " ".join(filter(None, (text(customer, "first_name"), text(customer, "last_name"))))
    return Buyer(
        name=full or next((_name(place) for place in (billing, shipping) if _name(place)), ""),
        email=text(found, "email", "contact_email") or text(customer, "email"),
        phone=text(found, "phone")
        or text(customer, "phone")
        or next((text(place, "phone") for place in places if text(place, "phone")), ""),
        language=text(found, "customer_locale"),
        address={name: text(shipping, name) for name in ADDRESS if text(shipping, name)} or None,
    )


def _name(place: Json) -> str:
    return text(place, "name") or " ".join(
        filter(None, (text(place, "first_name"), text(place, "last_name")))
    )


def _remarks(found: Json) -> Mapping[str, Any]:
    """Kept as it was said, for people: what no rule of ours reads."""
    kept = {
        "note": text(found, "note"),
        "tags": text(found, "tags"),
        "sold_through": text(found, "source_name"),
        "presentment_currency": text(found, "presentment_currency"),
        "presentment_total": text(part(part(found, "total_price_set"), "presentment_money"), "amount"),
    }
    return {name: said for name, said in kept.items() if said}
