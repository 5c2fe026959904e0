"""Shopify's shapes, real and made up: what they say in our words, and what is refused with the field's name."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from ambidex.flows.shop_port import (
    Nothing,
    OrderTouched,
    ReportKind,
    ShopFulfillment,
    ShopOrder,
    ShopRefund,
    ShopStock,
    Unreadable,
)
from ambidex.integrations.shopify.messages import Shopify
from ambidex.kernel.money import Money
from tests.payloads import real

SHOPIFY = Shopify()


def usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


def order_body(**changes: Any) -> bytes:
    order = {
        "id": 820982911946154508, "name": "#1044", "currency": "USD", "total_price": "39.80",
        "created_at": "2026-03-03T06:59:00-05:00", "updated_at": "2026-03-03T07:00:00-05:00",
        "financial_status": "paid", "email": "ngozi@example.com",
        "line_items": [{"id": 11, "sku": "MUG-01", "title": "Mug", "quantity": 2, "price": "19.90"}],
    } | changes  # fmt: skip
    return json.dumps(order).encode()


def order_of(body: bytes) -> ShopOrder:
    [order] = SHOPIFY.read("orders/create", body)
    assert isinstance(order, ShopOrder)
    return order


def test_a_real_order_with_refund_and_edit() -> None:
    order = order_of(real("shopify", "adminapi-2026-07-order-1.json"))
    assert (order.reference, order.number, order.total) == ("450789469", "#1001", usd("598.94"))
    assert order.version == datetime(2008, 1, 10, 16, tzinfo=UTC)
    assert [(line.item, line.quantity, line.canceled) for line in order.lines] == [
        ("IPOD2008GREEN", 1, 1), ("IPOD2008RED", 1, 0), ("IPOD2008BLACK", 1, 1),
    ]  # fmt: skip
    assert [(r.kind, r.amount) for r in order.money] == [(ReportKind.CAPTURED, usd("598.94"))]
    assert [r.amount for refund in order.refunds for r in refund.money] == [usd("209.00")]
    assert order.fulfillments == ()


def test_a_real_voided_and_canceled_order() -> None:
    order = order_of(real("shopify", "goshopify-order.json"))
    assert order.canceled_at == datetime(2016, 5, 17, 8, 14, 36, tzinfo=UTC)
    assert [r.kind for r in order.money] == [ReportKind.AUTHORIZED, ReportKind.VOIDED]
    assert [line.item for line in order.lines] == ["title:Soda", "title:Another Beer For Good Times"]


def test_a_real_fulfilled_order_without_fulfillments() -> None:
    order = order_of(real("shopify", "adminapi-2026-07-order-21.json"))
    assert (order.fulfilled, order.fulfillments) == (True, ())


@pytest.mark.parametrize("name", ["adminapi-2026-07-refund-3.json", "pyapi-refund.json"])
def test_real_refunds(name: str) -> None:
    [refund] = SHOPIFY.read("refunds/create", real("shopify", name))
    assert isinstance(refund, ShopRefund)
    assert refund.order == "450789469"
    assert all(r.kind is ReportKind.REFUNDED and r.amount.minor > 0 for r in refund.money)
    assert sum(refund.unclear.values()) == (2 if name.startswith("pyapi") else 0)


def test_a_calculated_refund_is_no_refund() -> None:
    with pytest.raises(Unreadable, match="id is missing"):
        SHOPIFY.read("refunds/create", real("shopify", "adminapi-2026-07-refund-5.json"))


@pytest.mark.parametrize("name", ["adminapi-2026-07-fulfillment-7.json", "goshopify-fulfillment.json"])
def test_real_fulfillments(name: str) -> None:
    [gone] = SHOPIFY.read("fulfillments/create", real("shopify", name))
    assert isinstance(gone, ShopFulfillment)
    assert gone.order == "450789469"


@pytest.mark.parametrize(
    ("name", "counts"),
    [("pyapi-inventory-level.json", [6]), ("goshopify-inventory-levels.json", [9, 27, 1, 3])],
)
def test_real_inventory_levels(name: str, counts: list[int]) -> None:
    told = SHOPIFY.read("inventory_levels/update", real("shopify", name))
    assert [one.available for one in told if isinstance(one, ShopStock)] == counts


@pytest.mark.parametrize(
    "name", ["adminapi-2026-07-cancellation-request-1.json", "goshopify-fulfillment-order.json"]
)
def test_real_fulfillment_orders_point_at_their_order(name: str) -> None:
    [touched] = SHOPIFY.read("fulfillment_orders/updated", real("shopify", name))
    assert isinstance(touched, OrderTouched)


def test_an_id_past_what_a_float_holds_stays_exact() -> None:
    assert order_of(order_body()).reference == "820982911946154508"
    assert order_of(order_body(id="gid://shopify/Order/820982911946154508")).reference == "820982911946154508"


@pytest.mark.parametrize(
    "price",
    ["19.90", 19.9, {"shop_money": {"amount": "19.90", "currency_code": "USD"},
                     "presentment_money": {"amount": "18.11", "currency_code": "EUR"}}],
)  # fmt: skip
def test_money_as_text_number_or_two_currencies(price: object) -> None:
    line = {"id": 11, "sku": "MUG-01", "title": "Mug", "quantity": 2, "price": price}
    assert order_of(order_body(line_items=[line])).lines[0].unit_price == usd("19.90")


def test_bare_and_enveloped_are_the_same() -> None:
    bare = order_body()
    one = order_of(bare)
    assert order_of(b'{"order": ' + bare + b"}") == one
    assert order_of(b'{"orders": [' + bare + b"]}") == one


@pytest.mark.parametrize(
    ("restock", "canceled"), [("cancel", 1), ("legacy_restock", 1), ("return", 0), ("no_restock", 0)]
)
def test_only_what_leaves_the_order_is_canceled(restock: str, canceled: int) -> None:
    refund = {
        "id": 5, "created_at": "2026-03-03T07:00:00-05:00", "transactions": [],
        "refund_line_items": [{"line_item_id": 11, "quantity": 1, "restock_type": restock}],
    }  # fmt: skip
    line = {"id": 11, "sku": "MUG-01", "title": "Mug", "quantity": 2, "price": "19.90", "current_quantity": 1}
    assert order_of(order_body(refunds=[refund], line_items=[line])).lines[0].canceled == canceled


def test_a_line_edited_away_is_canceled() -> None:
    line = {"id": 11, "sku": "MUG-01", "title": "Mug", "quantity": 3, "price": "19.90", "current_quantity": 1}
    assert order_of(order_body(line_items=[line])).lines[0].canceled == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"id": None}, "id is missing"),
        ({"currency": ""}, "currency is missing"),
        ({"total_price": "a lot"}, "total_price"),
        ({"total_price": "39.805"}, "total_price"),
        ({"total_price": float("inf")}, "not JSON"),
        ({"updated_at": "2026-03-03T07:00:00"}, "names no zone"),
        ({"updated_at": "yesterday"}, "is no time"),
        ({"updated_at": "0001-01-01T00:00:00+14:00"}, "is no time"),
        ({"updated_at": "9999-12-31T23:59:59-14:00"}, "is no time"),
        ({"line_items": [{"id": 1, "price": "1.00", "quantity": "²"}]}, "no number of units"),
        ({"line_items": [{"id": 1, "price": "1.00", "quantity": "9" * 5000}]}, "no number of units"),
        ({"financial_status": "mostly_fine"}, "financial_status"),
        ({"line_items": [{"id": 1, "quantity": -1, "price": "1"}]}, "quantity"),
        ({"line_items": "none"}, "line_items"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(Unreadable, match=says):
        SHOPIFY.read("orders/create", order_body(**changes))


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"\xff\xfe\x00", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(Unreadable):
        SHOPIFY.read("orders/create", body)


@pytest.mark.parametrize("topic", ["products/update", "customers/create", "app/uninstalled"])
def test_topics_that_change_nothing_are_known(topic: str) -> None:
    [nothing] = SHOPIFY.read(topic, b"not even JSON")
    assert isinstance(nothing, Nothing)


@pytest.mark.parametrize("topic", ["", "orderz/create", "lottery/won"])
def test_an_unknown_topic_is_not_guessed(topic: str) -> None:
    with pytest.raises(Unreadable, match="topic"):
        SHOPIFY.read(topic, order_body())


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "soon"])
def test_a_delivery_with_a_time_that_cannot_be_is_kept_all_the_same(when: str) -> None:
    headers = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "w-1"}
    assert SHOPIFY.delivery("shopify:main", headers, order_body(updated_at=when)).version_at is None


def test_a_delivery_keeps_no_secret_and_never_fails() -> None:
    headers = {"x-shopify-topic": "Orders/Create", "x-shopify-hmac-sha256": "s", "authorization": "Bearer t"}
    delivery = SHOPIFY.delivery("shopify:main", headers, b"\xff")
    assert (delivery.topic, delivery.headers) == ("orders/create", {"x-shopify-topic": "Orders/Create"})
    assert delivery.delivery_key.startswith("body:")
    named = SHOPIFY.delivery("shopify:main", headers | {"x-shopify-webhook-id": "w-1"}, order_body())
    assert (named.delivery_key, named.resource) == ("w-1", "order #1044")
