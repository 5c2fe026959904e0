"""One connected Shopify shop (the protocol ShopPort): ask for orders, say ready, say collected.

Shopify's `fulfillmentOrderLineItemsPreparedForPickup` writes to the customer by itself (its documentation, 2026-07).
So it is used only when the platform speaks; when we speak, the order gets a tag instead, and nobody is told twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from ambidex.flows.shop_port import Answer, Held, PlatformRefused, ShopWork, Telling, Unreadable, Way
from ambidex.integrations.shopify.fields import Json, ident, instant, maybe_ident, parts, text
from ambidex.integrations.shopify.http import ShopHttp
from ambidex.integrations.shopify.orders import read_work

PAGE = "100"
FOUND_MAX = 10
CUSTOMERS_MAX = "5"
READY_TAG = "ready-for-pickup"
# a change may become visible a little after its own time stamp
OVERLAP = timedelta(minutes=2)
DONE_STATES = frozenset({"closed", "canceled", "cancelled"})

_PREPARED = """mutation ready($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
  fulfillmentOrderLineItemsPreparedForPickup(input: $input) { userErrors { field message } } }"""
_TAG = """mutation tag($id: ID!, $tags: [String!]!) {
  tagsAdd(id: $id, tags: $tags) { userErrors { field message } } }"""


class ShopifyShop:
    """Asks and tells one shop."""

    def __init__(self, http: ShopHttp) -> None:
        self._http = http

    async def order(self, reference: str) -> Held | None:
        """The order as it stands now."""
        found = await self._http.get(f"orders/{_safe(reference)}.json")
        return None if found is None else _held(found["order"])

    async def find_orders(self, words: str) -> Sequence[Held]:
        """By number when it looks like one, else (or when there is none) by e-mail or name of the customer."""
        words = words.strip()
        looks_numbered = any(letter.isdigit() for letter in words) and "@" not in words
        numbered = await self._by_number(words) if looks_numbered else []
        return numbered or await self._by_customer(words)

    async def fulfillment_orders(self, reference: str) -> Sequence[ShopWork]:
        """Where method and place stand."""
        found = await self._http.get(f"orders/{_safe(reference)}/fulfillment_orders.json")
        return [read_work(one) for one in parts(found or {}, "fulfillment_orders")]

    async def orders_updated_since(self, cursor: str) -> Answer:
        """One page. The cursor is the newest change seen, and Shopify's own page mark while there are more."""
        newest, _, mark = cursor.partition("|")
        try:
            found, following = await self._page(newest, mark)
        except PlatformRefused:
            if not mark:
                raise
            found, following = await self._page(newest, "")  # the mark has expired: from the newest change on
        orders = [_held(one) for one in parts(found or {}, "orders")]
        last = max([*(one.version.isoformat() for one in orders), newest])
        return Answer(orders, f"{last}|{following}" if following else last, bool(following))

    async def tell_ready(self, telling: Telling) -> str:
        """Prepared for pickup; a second time changes nothing."""
        if telling.speaker == "us":
            gid = f"gid://shopify/Order/{telling.order}"
            await self._http.graphql(_TAG, {"id": gid, "tags": [READY_TAG]})
            return f"tagged {READY_TAG}"
        waiting = [work for work in await self._works(telling) if work.state not in DONE_STATES]
        if not waiting:
            return "nothing waits there any more"
        asked = [{"fulfillmentOrderId": f"gid://shopify/FulfillmentOrder/{w.reference}"} for w in waiting]
        await self._http.graphql(_PREPARED, {"input": {"lineItemsByFulfillmentOrder": asked}})
        return "prepared for pickup"

    async def tell_shipped(self, telling: Telling) -> str:
        """One fulfillment with its tracking number; the same number again was said before.

        What is sent again was fulfilled there: its fulfillment gets the new number (`update_tracking`).
        """
        assert telling.tracking is not None, "what left can be followed"
        known = await self._http.get(f"orders/{_safe(telling.order)}/fulfillments.json")
        said = {
            number: ident(one, "id")
            for one in parts(known or {}, "fulfillments")
            for number in one.get("tracking_numbers") or []
        }
        told = telling.tracking
        tracking = {"number": told.number, "company": told.carrier, "url": told.url}
        before = next((said[number] for number in reversed(told.instead_of) if number in said), "")
        if before:
            return await self._renumber(before, tracking)
        if told.number in said:
            return "was fulfilled there before"
        works = [work for work in await self.fulfillment_orders(telling.order) if work.way is not Way.PICKUP]
        waiting = [work for work in works if work.state not in DONE_STATES]
        return await self._fulfill(waiting, telling, tracking_info=tracking)

    async def tell_collected(self, telling: Telling) -> str:
        """One fulfillment of these units as far as they are still open there. What is closed was said before."""
        waiting = [work for work in await self._works(telling) if work.state not in DONE_STATES]
        return await self._fulfill(waiting, telling)

    async def _fulfill(self, works: Sequence[ShopWork], telling: Telling, **more: Any) -> str:
        asked = _entries(works, telling.units)
        if not asked:
            return "was fulfilled there before"
        body = {
            "notify_customer": telling.speaker == "platform",
            "line_items_by_fulfillment_order": asked,
            **more,
        }
        status, answer = await self._http.post("fulfillments.json", {"fulfillment": body})
        if status == 422:
            raise PlatformRefused(str(answer.get("errors"))[:300])
        return f"fulfillment {ident(answer['fulfillment'], 'id')}"

    async def _renumber(self, fulfillment: str, tracking: Mapping[str, str]) -> str:
        """Of what is sent again the customer hears from us, whoever told of the first parcel."""
        body = {"notify_customer": False, "tracking_info": tracking}
        there = f"fulfillments/{fulfillment}/update_tracking.json"
        status, answer = await self._http.post(there, {"fulfillment": body})
        if status == 422:
            raise PlatformRefused(str(answer.get("errors"))[:300])
        return f"fulfillment {fulfillment} is followed under another number"

    async def _works(self, telling: Telling) -> list[ShopWork]:
        """The pickups at that place; Shopify may have split one of ours into several."""
        works = [work for work in await self.fulfillment_orders(telling.order) if work.way is Way.PICKUP]
        here = [work for work in works if work.place in telling.places]
        if not here:
            raise PlatformRefused(f"no pickup at that place in order {telling.order}")
        return here

    async def _page(self, newest: str, mark: str) -> tuple[Json | None, str]:
        if mark:
            return await self._http.get_page("orders.json", limit=PAGE, page_info=mark)
        query = {"limit": PAGE, "status": "any", "order": "updated_at asc"}
        if newest:
            query["updated_at_min"] = (datetime.fromisoformat(newest) - OVERLAP).isoformat()
        return await self._http.get_page("orders.json", **query)

    async def _by_number(self, words: str) -> list[Held]:
        found = await self._http.get("orders.json", status="any", name=words, limit=PAGE)
        wanted = words.lstrip("#").lower()
        orders = [one for one in parts(found or {}, "orders") if wanted in _numbers(one)]
        return [_held(one) for one in orders[:FOUND_MAX]]

    async def _by_customer(self, words: str) -> list[Held]:
        query = f'email:"{words}"' if "@" in words else words
        found = await self._http.get("customers/search.json", query=query, limit=CUSTOMERS_MAX)
        orders: list[Held] = []
        for customer in parts(found or {}, "customers"):
            theirs = await self._http.get(
                f"customers/{ident(customer, 'id')}/orders.json", status="any", limit=PAGE
            )
            orders += [_held(one) for one in parts(theirs or {}, "orders")]
        return sorted(orders, key=lambda one: one.version, reverse=True)[:FOUND_MAX]


def _entries(works: Sequence[ShopWork], units: Mapping[str, int]) -> list[Json]:
    """These units among the fulfillment orders that still want them."""
    wanted = dict(units)
    asked: list[Json] = []
    for work in works:
        mine = {line: min(wanted.get(line, 0), entry.left) for line, entry in work.entries.items()}
        wanted = {line: count - mine.get(line, 0) for line, count in wanted.items()}
        entries = [{"id": int(work.entries[line].reference), "quantity": n} for line, n in mine.items() if n]
        if entries:
            asked.append(
                {"fulfillment_order_id": int(work.reference), "fulfillment_order_line_items": entries}
            )
    return asked


def _held(found: Json) -> Held:
    return Held(
        reference=ident(found, "id"),
        number=text(found, "name"),
        version=instant(found, "updated_at", "created_at"),
        body=json.dumps(found, default=_exact).encode(),
    )


def _numbers(found: Json) -> set[str]:
    return {text(found, "name").lstrip("#").lower(), maybe_ident(found, "order_number")}


def _exact(value: Any) -> str:
    """A decimal number goes on as text, digit by digit."""
    assert isinstance(value, Decimal)
    return str(value)


def _safe(reference: str) -> str:
    if not reference.isdigit():
        raise Unreadable(f"{reference!r} is no id of Shopify")
    return reference
