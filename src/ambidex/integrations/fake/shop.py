"""The double of a Shopify shop: it sells, changes its mind, and sends signed webhooks as unreliably as the real one.

One webhook in twenty is withheld, some come twice, they overtake each other. `chance` is seeded by the caller.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from ambidex.integrations.fake import shapes
from ambidex.integrations.fake.shapes import Visitor, Ware
from ambidex.integrations.shopify import signature
from ambidex.kernel.money import Money
from ambidex.kernel.values import dataclass, field

FIRST_ORDER_ID = 820_982_911_946_154_500  # 18 digits, past 2^53, as Shopify's own test notification
Json = dict[str, Any]


@dataclass(frozen=True)
class Webhook:
    """One request as Shopify would make it."""

    topic: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass
class Moods:
    """How the shop misbehaves. Shares are of webhooks; `down` and `slow_seconds` are of its own API."""

    withheld: float = 0.05
    doubled: float = 0.1
    overtaken: float = 0.1
    down: bool = False
    slow_seconds: float = 0.0


class FakeShop:
    """Everything the shop knows. `clock` gives its time, `chance` its luck."""

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        chance: random.Random,
        secret: str,
        token: str,
        first_number: int = 1000,
    ) -> None:
        self.clock = clock
        self.chance = chance
        self.secret = secret
        self.token = token
        self.moods = Moods()
        self.orders: dict[int, Json] = {}
        self.works: dict[int, list[Json]] = {}
        self.prepared: set[int] = set()
        self.withheld: list[Webhook] = []
        self._waiting: list[Webhook] = []
        self._number = first_number

    def sell(self, visitor: Visitor, wares: Sequence[Ware], *, place: int, way: str = "pick_up") -> Json:
        """Somebody buys. `place` is the shop's own id of the location."""
        self._number += 1
        sold = shapes.order(
            self._number, FIRST_ORDER_ID + self._number * 1000, visitor=visitor, wares=wares, at=self.clock()
        )
        self.orders[sold["id"]] = sold
        self.works[sold["id"]] = [shapes.work(sold["id"] + 1, sold, place=place, way=way)]
        self.send("orders/create", sold)
        return sold

    def cancel(self, order_id: int, *, reason: str = "customer") -> Json:
        """Everything is called off and paid back."""
        sold = self.orders[order_id]
        units = {one["id"]: one["current_quantity"] for one in sold["line_items"] if one["current_quantity"]}
        self._take_out(sold, units, amount=_still_paid(sold))
        sold |= {"cancelled_at": shapes.local(self.clock()), "cancel_reason": reason}
        sold["financial_status"] = "refunded"
        for work in self.works[order_id]:
            work["status"] = "closed"
        self.send("orders/cancelled", self._touch(sold))
        return sold

    def refund(self, order_id: int, units: dict[int, int], *, amount: Money) -> Json:
        """Some units are called off and paid back."""
        sold = self.orders[order_id]
        back = self._take_out(sold, units, amount=amount)
        sold["financial_status"] = "partially_refunded"
        self.send("refunds/create", back)
        self.send("orders/updated", self._touch(sold))
        return back

    def fulfill(
        self, order_id: int, units: dict[int, int] | None = None, *, tracking: Json | None = None
    ) -> Json:
        """The goods (line id -> units; None: all) have gone to the customer, says the shop."""
        sold = self.orders[order_id]
        open_units = {one["id"]: one["fulfillable_quantity"] for one in sold["line_items"]}
        gone = units or {line: left for line, left in open_units.items() if left}
        done = shapes.fulfillment(self._fresh(sold), sold, lines=gone, at=self.clock())
        if tracking is not None:
            done |= _followed(tracking)
        sold["fulfillments"].append(done)
        for one in [*sold["line_items"], *(x for work in self.works[order_id] for x in work["line_items"])]:
            one["fulfillable_quantity"] -= gone.get(one.get("line_item_id", one["id"]), 0)
        whole = not any(one["fulfillable_quantity"] for one in sold["line_items"])
        sold["fulfillment_status"] = "fulfilled" if whole else "partial"
        for work in self.works[order_id]:
            work["status"] = "closed" if whole else "in_progress"
        self.send("fulfillments/create", done)
        self.send("orders/fulfilled" if whole else "orders/partially_fulfilled", self._touch(sold))
        return done

    def renumber(self, fulfillment_id: int, tracking: Json) -> Json | None:
        """A fulfillment is followed under another number from now on; None when there is none."""
        for sold in self.orders.values():
            for done in sold["fulfillments"]:
                if done["id"] == fulfillment_id:
                    done |= {**_followed(tracking), "updated_at": shapes.local(self.clock())}
                    self.send("fulfillments/update", done)
                    self.send("orders/updated", self._touch(sold))
                    return dict(done)
        return None

    def tag(self, order_id: int, tag: str) -> None:
        """A tag, once."""
        sold = self.orders[order_id]
        tags = [one for one in sold["tags"].split(", ") if one]
        if tag not in tags:
            sold["tags"] = ", ".join([*tags, tag])
            self.send("orders/updated", self._touch(sold))

    def send(self, topic: str, said: Json) -> None:
        """Queue a webhook, as things stand now."""
        self._waiting.append(self.webhook(topic, said))

    def webhook(self, topic: str, said: Json) -> Webhook:
        """A signed webhook of its own id, as things stand now."""
        return self.signed(topic, json.dumps(said).encode())

    def signed(self, topic: str, body: bytes) -> Webhook:
        """These very bytes as a signed webhook of its own id."""
        headers = {
            "content-type": "application/json",
            "x-shopify-topic": topic,
            signature.HEADER: signature.sign(body, self.secret),
            "x-shopify-webhook-id": f"{self.chance.getrandbits(128):032x}",
            "x-shopify-shop-domain": "lumen-and-loom.myshopify.com",
            "x-shopify-api-version": "2026-07",
            "x-shopify-triggered-at": self.clock().isoformat(),
        }
        return Webhook(topic, headers, body)

    def deliveries(self) -> list[Webhook]:
        """What goes out now: some are withheld for ever, some come twice, some overtake."""
        kept = []
        for webhook in self._waiting:
            if self.chance.random() < self.moods.withheld:
                self.withheld.append(webhook)
                continue
            kept.append(webhook)
            if self.chance.random() < self.moods.doubled:
                kept.append(webhook)
        self._waiting = []
        for at in range(len(kept) - 1):
            if self.chance.random() < self.moods.overtaken:
                kept[at], kept[at + 1] = kept[at + 1], kept[at]
        return kept

    def _take_out(self, sold: Json, units: dict[int, int], *, amount: Money) -> Json:
        back = shapes.refund(self._fresh(sold), sold, amount=amount, units=units, at=self.clock())
        sold["refunds"].append(back)
        for one in sold["line_items"]:
            gone = units.get(one["id"], 0)
            one["current_quantity"] -= gone
            one["fulfillable_quantity"] = max(0, one["fulfillable_quantity"] - gone)
        for work in self.works[sold["id"]]:
            for one in work["line_items"]:
                gone = units.get(one["line_item_id"], 0)
                one |= {"quantity": one["quantity"] - gone, "fulfillable_quantity": one["quantity"] - gone}
        return back

    def _touch(self, sold: Json) -> Json:
        sold["updated_at"] = shapes.local(self.clock())
        return sold

    def _fresh(self, sold: Json) -> int:
        return int(sold["id"]) + 100 + 10 * (len(sold["refunds"]) + len(sold["fulfillments"]))


def _followed(tracking: Json) -> Json:
    """The first number, and all of them, as Shopify repeats it."""
    return {
        "tracking_number": tracking["number"],
        "tracking_numbers": [tracking["number"]],
        "tracking_company": tracking["company"],
        "tracking_url": tracking["url"],
    }


def _still_paid(sold: Json) -> Money:
    """What was paid and not given back yet."""
    given = [one["amount"] for back in sold["refunds"] for one in back["transactions"]]
    return Money.parse(sold["total_price"], sold["currency"]) - sum(
        (Money.parse(amount, sold["currency"]) for amount in given), Money(0, sold["currency"])
    )
