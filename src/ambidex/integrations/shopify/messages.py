"""Shopify's webhooks: which topic says what, in which envelope.

The message only points at truth that Shopify holds; several topics say no more than "ask for the order".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from ambidex.flows.shop_port import Nothing, OrderTouched, ShopOrder, ShopStock, Told, Unreadable
from ambidex.integrations.shopify import signature
from ambidex.integrations.shopify.fields import Json, ident, instant, load, maybe_ident, text, units, unwrap
from ambidex.integrations.shopify.orders import read_fulfillment, read_order, read_refund
from ambidex.runtime.inbox import Delivery, body_key

KEPT_HEADERS = (
    "x-shopify-topic", "x-shopify-webhook-id", "x-shopify-event-id", "x-shopify-triggered-at",
    "x-shopify-shop-domain", "x-shopify-api-version", "x-shopify-test", "content-type", "user-agent",
)  # fmt: skip
UNUSED = frozenset({
    "app", "bulk_operations", "carts", "checkouts", "collections", "companies", "customer", "customers",
    "discounts", "disputes", "domains", "draft_orders", "fulfillment_events", "inventory_items", "locales",
    "locations", "markets", "product_listings", "products", "profiles", "scheduled_product_listings", "shop",
    "subscription_contracts", "tax_services", "tender_transactions", "themes",
})  # fmt: skip
_HEADER_MAX = 400


class Shopify:
    """How Shopify talks (the protocol SourceSystem)."""

    def delivery(self, source: str, headers: Mapping[str, str], body: bytes) -> Delivery:
        """The arrival as its headers say it; resource and version when the body can be read."""
        said = {name: headers[name][:_HEADER_MAX] for name in KEPT_HEADERS if name in headers}
        topic = said.get("x-shopify-topic", "").strip().lower()
        order = None
        with suppress(Unreadable):
            order = next((one for one in self.read(topic, body) if isinstance(one, ShopOrder)), None)
        return Delivery(
            source=source,
            delivery_key=said.get("x-shopify-webhook-id", "").strip() or body_key(topic, body),
            topic=topic,
            headers=said,
            body=body,
            resource=f"order {order.number}" if order else "",
            version_at=order.version if order else None,
        )

    def is_signed(
        self,
        headers: Mapping[str, str],
        body: bytes,
        *,
        secrets: Sequence[str],
        at: datetime,  # noqa: ARG002  # its proof has no date
    ) -> bool:
        """Whether one of these secrets signed exactly these bytes; Shopify's proof has no date."""
        return signature.is_signed(body, headers.get(signature.HEADER, ""), secrets=secrets)

    def read(self, topic: str, body: bytes) -> Sequence[Told]:
        """What the message says. Raises Unreadable."""
        reader = READERS.get(topic) or READERS.get(topic.partition("/")[0])
        if reader is not None:
            return reader(load(body))
        if topic.partition("/")[0] in UNUSED:
            return [Nothing(f"{topic} changes nothing here")]
        raise Unreadable(f"topic {topic!r} is unknown" if topic else "no topic was given")


def _orders(found: Json) -> list[Told]:
    return [read_order(one) for one in unwrap(found, "order")]


def _refunds(found: Json) -> list[Told]:
    refunds = [read_refund(one) for one in unwrap(found, "refund")]
    if any(not refund.order for refund in refunds):
        raise Unreadable("order_id is missing")
    return list(refunds)


def _fulfillments(found: Json) -> list[Told]:
    told: list[Told] = []
    for one in unwrap(found, "fulfillment"):
        gone = read_fulfillment(one, order=ident(one, "order_id"))
        told.append(gone or Nothing(f"a fulfillment that is {text(one, 'status') or 'unsaid'}"))
    return told


def _stock(found: Json) -> list[Told]:
    return [_level(one) for one in unwrap(found, "inventory_level")]


def _level(found: Json) -> Told:
    available = found.get("available")
    if available is None:
        return Nothing("Shopify does not track this stock")
    owed = isinstance(available, int) and available < 0
    count = units({"available": -available}, "available") if owed else units(found, "available")
    return ShopStock(
        item=ident(found, "inventory_item_id"),
        place=ident(found, "location_id"),
        available=-count if owed else count,
        version=instant(found, "updated_at"),
    )


def _touched(found: Json) -> list[Told]:
    """Edits, transactions, fulfillment orders: ask for the order they belong to."""
    one = next((v for v in found.values() if isinstance(v, dict) and "order_id" in v), found)
    order = maybe_ident(one, "order_id")
    return [OrderTouched(order) if order else Nothing("names no order; the next reconciliation looks")]


READERS: Mapping[str, Callable[[Json], Sequence[Told]]] = {
    "orders": _orders,
    "orders/delete": lambda found: [OrderTouched(ident(found, "id"))],
    "orders/edited": _touched,
    "order_transactions": _touched,
    "fulfillment_orders": _touched,
    "refunds": _refunds,
    "fulfillments": _fulfillments,
    "inventory_levels": _stock,
    "inventory_levels/disconnect": lambda _: [Nothing("a place that Shopify no longer counts")],
}
