"""The shapes of quotes: what is asked, what may be promised, and what became of one that was held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from ambidex.api.order_shapes import Channel, Sent
from ambidex.api.shapes import MoneyShape
from ambidex.domains.orders import Method
from ambidex.domains.quotes import Quote
from ambidex.flows.hold_quote import MINUTES_MAX
from ambidex.flows.quote import Answer
from ambidex.flows.quote_options import Missing, Option, Share
from ambidex.flows.quote_words import Basket
from ambidex.kernel.money import Money

LINES_MAX = 100
MILLS = 1_000


class QuoteLine(BaseModel):
    item: str = Field(min_length=1, max_length=100, examples=["MUG-01"])
    quantity: int = Field(default=1, ge=1, le=100_000, strict=True)


class Destination(BaseModel):
    """Where it is to go, as far as it is known. `country` has two letters (ISO 3166-1)."""

    country: str = Field(pattern=r"^[A-Za-z]{2}$", examples=["US"])
    postcode: str = Field(default="", max_length=20, examples=["98101"])
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)

    @property
    def point(self) -> tuple[int, int] | None:
        if self.latitude is None or self.longitude is None:
            return None
        return round(self.latitude * 1_000_000), round(self.longitude * 1_000_000)


class QuoteIn(Sent):
    """An `address`, or the `place` where it is collected. `methods` left out: all.

    `hold`: keep the units of one `option` ("" is the first that is answered) for some `minutes` (left out: as the
    installation says, AMBIDEX_QUOTE_MINUTES); `instead_of`: and let go of this quote.
    """

    channel: Channel = "web"
    source: str = Field(default="", max_length=64, examples=["web:main"])
    lines: list[QuoteLine] = Field(min_length=1, max_length=LINES_MAX)
    address: Destination | None = None
    place: str = Field(default="", max_length=64, examples=["store-01"])
    methods: list[Method] = Field(default_factory=lambda: list(Method), min_length=1, max_length=3)
    brand: str = Field(default="", max_length=60)
    hold: bool = False
    option: str = Field(default="", max_length=120, examples=["pickup:store-01"])
    minutes: int | None = Field(default=None, ge=1, le=MINUTES_MAX)
    instead_of: UUID | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> QuoteIn:
        if self.address is None and not self.place:
            raise ValueError("an address with its country, or a place, was expected")
        return self

    def read(self) -> Basket:
        units: dict[str, int] = {}
        for line in self.lines:
            units[line.item] = units.get(line.item, 0) + line.quantity
        to = self.address
        return Basket(
            tuple(units.items()),
            self.channel,
            self.source,
            to.country.upper() if to else "",
            to.postcode.strip() if to else "",
            to.point if to else None,
            self.place,
            tuple(dict.fromkeys(self.methods)),
            self.brand,
        )


class QuotedLine(BaseModel):
    item: str
    quantity: int


class QuotePart(BaseModel):
    """One package, or one collection. `leaves_at` is null for what is collected."""

    location: str
    name: str
    lines: list[QuotedLine]
    leaves_at: datetime | None
    due_at: datetime


class OptionOut(BaseModel):
    """`due_at`: all of it is there, or ready. `price`: what the customer pays, null where the rules name no price;
    `cost`: what it costs us. `confidence`: per cent that every pick succeeds. `collect_at`: where it is collected; its
    part may come from elsewhere ("pickup:store-01:sent"), and then only an order that names a held quote can have it.
    """

    option: str
    method: str
    speed: str
    name: str
    due_at: datetime
    price: MoneyShape | None
    cost: MoneyShape
    confidence: int
    kilometers: float | None
    collect_at: str | None
    parts: list[QuotePart]


class LeftOutOut(BaseModel):
    """What is not offered and why; `available` by item where something lacks."""

    method: str
    location: str | None
    speed: str
    why: str
    available: dict[str, int]


class HeldOut(BaseModel):
    """Name `id` as "quote" in the order, before `expires_at`."""

    id: str
    option: str
    expires_at: datetime


class QuotesOut(BaseModel):
    """`at`: what it counts from. `quote` is null when nothing is held."""

    at: datetime
    options: list[OptionOut]
    left_out: list[LeftOutOut]
    quote: HeldOut | None


class QuoteOut(BaseModel):
    """A quote that was held: open, used by an order, or let go. `kept` is null while there is no order."""

    id: str
    state: str
    option: str
    method: str
    due_at: datetime
    places: list[str]
    lines: list[QuotedLine]
    expires_at: datetime
    order: str | None
    kept: bool | None
    differences: list[dict[str, Any]]


def shown(answer: Answer) -> dict[str, Any]:
    """The values of a QuotesOut, made by hand: product pages ask often."""
    return {
        "at": answer.at,
        "options": [_option(one, answer) for one in answer.options],
        "left_out": [_left_out(one) for one in answer.missing],
        "quote": None,
    }


def _option(one: Option, answer: Answer) -> dict[str, Any]:
    currency = answer.view.goods[0].item.price.currency
    return {
        "option": one.key,
        "method": one.method.value,
        "speed": one.speed,
        "name": one.name,
        "due_at": one.due_at,
        "price": None if one.price is None else _money(one.price),
        "cost": _money(Money((one.cost + MILLS // 2) // MILLS, currency)),
        "confidence": one.confidence,
        "kilometers": None if one.metres is None else round(one.metres / 1_000, 1),
        "collect_at": None if one.collected_at is None else one.collected_at.code,
        "parts": [_part(share, answer) for share in one.shares],
    }


def _part(share: Share, answer: Answer) -> dict[str, Any]:
    lines = ((answer.view.goods[no - 1].item.sku, n) for no, n in sorted(share.units.items()))
    return {
        "location": share.place.code,
        "name": share.place.name,
        "lines": [{"item": sku, "quantity": n} for sku, n in lines],
        "leaves_at": share.leaves_at,
        "due_at": share.due_at,
    }


def _left_out(one: Missing) -> dict[str, Any]:
    place = None if one.place is None else one.place.code
    return {
        "method": one.method.value,
        "location": place,
        "speed": one.speed,
        "why": one.why,
        "available": dict(one.left),
    }


def _money(money: Money) -> dict[str, str]:
    return {"amount": money.decimal, "currency": money.currency}


def quote_out(one: Quote) -> QuoteOut:
    return QuoteOut(
        id=str(one.quote_id),
        state=one.state.value,
        option=one.promised.option,
        method=one.promised.method,
        due_at=one.promised.due_at,
        places=one.promised.places,
        lines=_lines(one.basket),
        expires_at=one.expires_at,
        order=None if one.order_id is None else one.order_id.hex,
        kept=one.kept,
        differences=[dict(each) for each in one.differences],
    )


def _lines(basket: Iterable[tuple[str, int]]) -> list[QuotedLine]:
    return [QuotedLine(item=sku, quantity=units) for sku, units in basket]
