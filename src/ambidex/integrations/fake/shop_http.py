"""The double's Admin API over HTTP (plain ASGI, no web framework): same paths, same JSON, same refusals as Shopify's."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote

from ambidex.integrations.fake.shop import FakeShop, Json
from ambidex.integrations.shopify.http import VERSION
from ambidex.kernel.values import dataclass, field

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ROOT = f"/admin/api/{VERSION}/"


@dataclass(frozen=True)
class Reply:
    """An answer before it is written."""

    status: int
    said: Json
    headers: dict[str, str] = field(default_factory=dict)


NOT_FOUND = Reply(404, {"errors": "Not Found"})


class FakeShopApi:
    """An ASGI application over one FakeShop."""

    def __init__(self, shop: FakeShop) -> None:
        self.shop = shop
        self.calls: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        body = await _read(receive)
        self.calls.append(f"{scope['method']} {scope['path'].removeprefix(ROOT)}")
        if self.shop.moods.slow_seconds:
            await asyncio.sleep(self.shop.moods.slow_seconds)
        await _write(send, self._reply(scope, body))

    def _reply(self, scope: Scope, body: bytes) -> Reply:
        if self.shop.moods.down:
            return Reply(503, {"errors": "Service Unavailable"})
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if headers.get("x-shopify-access-token") != self.shop.token:
            return Reply(401, {"errors": "[API] Invalid API key or access token"})
        path = scope["path"].removeprefix(ROOT).removesuffix(".json").split("/")
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        if scope["method"] == "POST":
            return self._post(path, json.loads(body))
        return self._get(path, query)

    def _get(self, path: list[str], query: dict[str, str]) -> Reply:
        match path:
            case ["orders"]:
                return self._orders(query)
            case ["orders", ident] if int(ident) in self.shop.orders:
                return Reply(200, {"order": self.shop.orders[int(ident)]})
            case ["orders", ident, "fulfillment_orders"] if int(ident) in self.shop.works:
                return Reply(200, {"fulfillment_orders": self.shop.works[int(ident)]})
            case ["orders", ident, "fulfillments"] if int(ident) in self.shop.orders:
                return Reply(200, {"fulfillments": self.shop.orders[int(ident)].get("fulfillments", [])})
            case ["customers", "search"]:
                return Reply(200, {"customers": self._customers(query["query"])})
            case ["customers", ident, "orders"]:
                theirs = [one for one in self.shop.orders.values() if one["customer"]["id"] == int(ident)]
                return Reply(200, {"orders": theirs})
        return NOT_FOUND

    def _orders(self, query: dict[str, str]) -> Reply:
        """A page by `page_info` (here: how many to skip of which question), as Shopify's Link header does it."""
        skip, _, since = query.get("page_info", f"0_{query.get('updated_at_min', '')}").partition("_")
        found = sorted(self.shop.orders.values(), key=lambda one: _instant(one["updated_at"]))
        if since:
            found = [one for one in found if _instant(one["updated_at"]) >= _instant(since)]
        if "name" in query:
            wanted = query["name"].lstrip("#")
            found = [one for one in found if one["name"].lstrip("#") == wanted]
        start, size = int(skip), int(query.get("limit", "50"))
        page, headers = found[start : start + size], {}
        if start + size < len(found):
            mark = quote(f"{start + size}_{since}")
            headers["link"] = (
                f'<https://shop.example{ROOT}orders.json?limit={size}&page_info={mark}>; rel="next"'
            )
        return Reply(200, {"orders": page}, headers)

    def _customers(self, query: str) -> list[Json]:
        words = query.removeprefix("email:").strip('"').casefold()
        found = {}
        for one in self.shop.orders.values():
            customer = one["customer"]
            name = f"{customer['first_name']} {customer['last_name']}".casefold()
            if words in name or words == (customer["email"] or "").casefold():
                found[customer["id"]] = customer
        return list(found.values())[:5]

    def _post(self, path: list[str], said: Json) -> Reply:
        if path == ["fulfillments"]:
            return self._fulfill(said["fulfillment"])
        match path:
            case ["fulfillments", ident, "update_tracking"]:
                return self._renumber(int(ident), said["fulfillment"]["tracking_info"])
        if path == ["graphql"]:
            return self._graphql(said["query"], said["variables"])
        return NOT_FOUND

    def _fulfill(self, said: Json) -> Reply:
        """Whole fulfillment orders, or parts of them by their entries."""
        asked = {one["fulfillment_order_id"]: one for one in said["line_items_by_fulfillment_order"]}
        for order_id, works in self.shop.works.items():
            mine = [work for work in works if work["id"] in asked]
            if mine and all(work["status"] in {"open", "in_progress"} for work in mine):
                units = {line: n for work in mine for line, n in _units(work, asked[work["id"]]).items()}
                told = said.get("tracking_info")
                return Reply(201, {"fulfillment": self.shop.fulfill(order_id, units, tracking=told)})
        return Reply(422, {"errors": ["Fulfillment order is not open"]})

    def _renumber(self, fulfillment_id: int, tracking: Json) -> Reply:
        found = self.shop.renumber(fulfillment_id, tracking)
        return NOT_FOUND if found is None else Reply(200, {"fulfillment": found})

    def _graphql(self, query: str, variables: Json) -> Reply:
        if "fulfillmentOrderLineItemsPreparedForPickup" in query:
            asked = variables["input"]["lineItemsByFulfillmentOrder"]
            self.shop.prepared |= {_number(one["fulfillmentOrderId"]) for one in asked}
            return _graphql_reply("fulfillmentOrderLineItemsPreparedForPickup", [])
        order_id = _number(variables["id"])
        if order_id not in self.shop.orders:
            return _graphql_reply("tagsAdd", [{"field": ["id"], "message": "Order does not exist"}])
        for tag in variables["tags"]:
            self.shop.tag(order_id, tag)
        return _graphql_reply("tagsAdd", [])


def _units(work: Json, asked: Json) -> dict[int, int]:
    """Line id -> units; without entries all that is left."""
    entries = {one["id"]: one["quantity"] for one in asked.get("fulfillment_order_line_items", [])}
    return {
        one["line_item_id"]: entries.get(one["id"], 0) if entries else one["fulfillable_quantity"]
        for one in work["line_items"]
    }


def _graphql_reply(operation: str, faults: list[Json]) -> Reply:
    return Reply(200, {"data": {operation: {"userErrors": faults}}})


def _number(gid: str) -> int:
    return int(gid.rsplit("/", 1)[-1])


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


async def _read(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        piece = await receive()
        body += bytes(piece.get("body", b""))
        if not piece.get("more_body"):
            return body


async def _write(send: Send, reply: Reply) -> None:
    headers = {"content-type": "application/json; charset=utf-8"} | reply.headers
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
    await send({"type": "http.response.body", "body": json.dumps(reply.said).encode()})
