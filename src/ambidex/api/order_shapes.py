"""The shapes of orders: what is sent to place one, and how one is shown. Contact details are masked without need."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from babel.numbers import is_currency
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ambidex.api.shapes import Moment, MoneyShape, QuoteKept, read_money
from ambidex.api.storable import LEVELS_MAX, is_storable, is_too_deep, texts
from ambidex.domains import orders
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput
from ambidex.reads.orders import LineView, OrderView

Amount = str | MoneyShape
TERMS_BYTES_MAX = 16_000
_CARD = re.compile(r"(?<![\d.])[2-6](?:[ -]?\d){12,18}(?![\d.])")
# Free fields whose values are codes of other systems, not words of people.
_CODES = frozenset({"attribution"})
Channel = Literal["web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b"]


class Sent(BaseModel):
    """A body that others send: any text in it, however deep, can be stored (no NUL, no half of a surrogate pair)."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, given: Any) -> Any:
        if not is_storable(given):
            if is_too_deep(given):
                raise BadInput(errors=[{"field": "document", "expected": f"at most {LEVELS_MAX} levels"}])
            wrong = next(path for path, said in texts(given) if not is_storable(said))
            expected = "text without NUL and without halves of surrogate pairs"
            field = wrong.encode("ascii", "replace").decode()
            raise BadInput(errors=[{"field": field, "expected": expected}])
        return given


class CustomerIn(BaseModel):
    name: str = Field(default="", max_length=200)
    email: str = Field(default="", max_length=254)
    phone: str = Field(default="", max_length=40)


class DiscountIn(BaseModel):
    amount: Amount
    code: str = Field(default="", max_length=100)
    reason: str = Field(default="", max_length=200)


class LineIn(BaseModel):
    """`location` left out: we choose (not for pickup). `tax` and `discounts` are for the whole line."""

    item: str = Field(min_length=1, max_length=100, examples=["MUG-01"])
    quantity: int = Field(ge=1, le=100_000, strict=True)
    unit_price: Amount = Field(examples=["19.90"])
    method: Method
    location: str | None = Field(default=None, max_length=64, examples=["store-01"])
    tax: Amount | None = None
    discounts: list[DiscountIn] = Field(default_factory=list, max_length=50)
    title: str = Field(default="", max_length=300)

    def read(self, field: str, currency: str) -> NewLine:
        cuts = [
            _money(one.amount, currency, f"{field}.discounts[{n}].amount")
            for n, one in enumerate(self.discounts)
        ]
        if any(cut.minor < 0 for cut in cuts):
            raise BadInput(errors=[{"field": f"{field}.discounts", "expected": "not negative"}])
        return NewLine(
            sku=self.item,
            quantity=self.quantity,
            unit_price=_money(self.unit_price, currency, f"{field}.unit_price"),
            method=self.method,
            location=self.location or None,
            tax=None if self.tax is None else _money(self.tax, currency, f"{field}.tax"),
            discount=Money(sum(cut.minor for cut in cuts), currency) if cuts else None,
            title=self.title,
        )


class PaymentIn(BaseModel):
    """One tender. `reference` is the payment provider's, `expires_at` ends an authorization."""

    status: Literal["pending", "authorized", "captured"]
    amount: Amount
    method: str = Field(default="", max_length=60)
    reference: str = Field(default="", max_length=200)
    expires_at: Moment | None = None

    def read(self, field: str, currency: str) -> NewPayment:
        amount = _money(self.amount, currency, f"{field}.amount")
        if amount.minor < 0:
            raise BadInput(errors=[{"field": f"{field}.amount", "expected": "not negative"}])
        return NewPayment(self.status, amount, self.method, self.reference, self.expires_at)


class FeeIn(BaseModel):
    amount: Amount
    name: str = Field(default="", max_length=100)


class OrderIn(Sent):
    """An order. The same (source, reference) again is the same order. Other fields are kept as sent, under terms."""

    model_config = ConfigDict(extra="allow")

    source: str = Field(min_length=1, max_length=64, examples=["web:main"])
    reference: str = Field(pattern=r"\S", max_length=200, examples=["W-1001"])
    channel: Channel = "web"
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["USD"])
    customer: CustomerIn = CustomerIn()
    lines: list[LineIn] = Field(min_length=1, max_length=500)
    payment: PaymentIn | None = None
    payments: list[PaymentIn] = Field(default_factory=list, max_length=20)
    prices_include_tax: bool = False
    shipping: Amount | None = None
    fees: list[FeeIn] = Field(default_factory=list, max_length=20)
    address: dict[str, Any] | None = None
    language: str = Field(default="en", max_length=35)
    collectors: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=10)
    parties: Any = None
    attribution: Any = None
    requested_for: Moment | None = None
    quote: UUID | None = None

    def read(self) -> NewOrder:
        """As the domain takes it. Raises BadInput by field."""
        terms = self._terms()
        _refuse_card_numbers(
            {
                "customer": self.customer.name,
                "lines": [x.title for x in self.lines if x.title],
                "address": self.address,
                "collectors": self.collectors,
                **terms,
            }
        )
        if not _is_currency(self.currency):
            raise BadInput(errors=[{"field": "currency", "expected": "a code of ISO 4217"}])
        fees = [_money(fee.amount, self.currency, f"fees[{n}].amount") for n, fee in enumerate(self.fees)]
        tenders = [("payment", self.payment)] if self.payment else []
        tenders += [(f"payments[{n}]", one) for n, one in enumerate(self.payments)]
        return NewOrder(
            source=self.source,
            reference=self.reference,
            channel=self.channel,
            currency=self.currency,
            contact=Contact(
                self.customer.name.strip(), self.customer.email.strip(), self.customer.phone.strip()
            ),
            lines=tuple(line.read(f"lines[{n}]", self.currency) for n, line in enumerate(self.lines)),
            payments=tuple(one.read(field, self.currency) for field, one in tenders),
            prices_include_tax=self.prices_include_tax,
            shipping=None if self.shipping is None else _money(self.shipping, self.currency, "shipping"),
            fees=Money(sum(fee.minor for fee in fees), self.currency) if fees else None,
            address=self.address,
            language=self.language,
            collectors=tuple(self.collectors),
            terms=terms,
        )

    def _terms(self) -> dict[str, Any]:
        said = {
            "parties": self.parties,
            "attribution": self.attribution,
            "quote": self.quote and str(self.quote),
        }
        kept = {**said, **(self.model_extra or {})}
        terms = {name: value for name, value in kept.items() if value is not None}
        if self.requested_for is not None:
            terms["requested_for"] = self.requested_for.isoformat()
        if self.fees:
            terms["fees"] = [fee.model_dump(mode="json") for fee in self.fees]
        if len(_json(terms)) > TERMS_BYTES_MAX or len(_json(self.address)) > TERMS_BYTES_MAX:
            raise BadInput(errors=[{"field": "terms", "expected": f"at most {TERMS_BYTES_MAX} bytes"}])
        return terms


@lru_cache(maxsize=1_000)
def _is_currency(code: str) -> bool:
    return bool(is_currency(code))


def _json(value: object) -> bytes:
    try:
        return orjson.dumps(value)
    except (orjson.JSONEncodeError, RecursionError) as cause:
        expected = "values that can be kept: whole numbers within 64 bits, no deep nesting"
        raise BadInput(errors=[{"field": "terms", "expected": expected}]) from cause


def _money(given: Amount, currency: str, field: str) -> Money:
    if isinstance(given, MoneyShape):
        if given.currency != currency:
            raise BadInput(errors=[{"field": field, "expected": f"an amount in {currency}"}])
        return given.read(field)
    return read_money(given, currency, field)


def _refuse_card_numbers(free: dict[str, Any]) -> None:
    for name, value in free.items():
        if not value or name in _CODES:
            continue
        if any(_is_card(found) for _, said in texts(value) for found in _CARD.findall(said)):
            expected = "no payment card number; they are never stored here"
            raise BadInput("card number", errors=[{"field": name, "expected": expected}])


def _is_card(said: str) -> bool:
    """The Luhn check (ISO/IEC 7812-1)."""
    digits = [int(c) for c in said if c.isdigit()]
    doubled = [d * 2 - 9 * (d > 4) if n % 2 else d for n, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


class KitOut(BaseModel):
    """The kit a line is a part of; `number` tells several of one order apart."""

    item: str
    title: str
    number: int
    quantity: int


class LineOut(BaseModel):
    line: int
    item: str
    title: str
    quantity: int
    unit_price: MoneyShape
    tax: MoneyShape
    discount: MoneyShape
    method: str
    location: str | None
    states: dict[str, int]
    # lines of one kit were bought as one; null for a line of its own
    kit: KitOut | None = None


class WorkOut(BaseModel):
    id: str
    location: str
    method: str
    state: str
    staging_place: str


class PromiseOut(BaseModel):
    kind: str
    at: datetime
    state: str
    fulfillment_order: str | None


class OwnerOut(BaseModel):
    role: str
    location: str | None
    staff: str | None
    next_step: str
    next_deadline: datetime
    waiting_for: str


class OrderOut(BaseModel):
    """An order as it stands. `promises` are those made and those they replaced; `owner` is null when nothing is left.

    `quote` is told in the answer to placing. `customer_url` is empty and the contact masked for those whose work needs neither.
    """

    id: str
    number: str
    source: str
    reference: str
    source_number: str
    channel: str
    status: str
    placed_at: datetime
    total: MoneyShape
    customer: CustomerIn
    language: str
    lines: list[LineOut]
    fulfillment_orders: list[WorkOut]
    promises: list[PromiseOut]
    owner: OwnerOut | None
    customer_url: str
    version: int
    quote: QuoteKept | None = None

    @classmethod
    def of(cls, view: OrderView, *, actor: Actor, key: bytes) -> OrderOut:
        """As this actor may see it."""
        return cls.model_validate(shown(view, actor=actor, key=key), from_attributes=True)


def shown(view: OrderView, *, actor: Actor, key: bytes) -> dict[str, Any]:
    """The values of an OrderOut, as this actor may see it; made of what is known, so nothing is asked of them again."""
    return {
        "id": view.order_id.hex,
        "number": view.number,
        "source": view.source,
        "reference": view.reference,
        "source_number": view.source_number,
        "channel": view.channel,
        "status": view.state,
        "placed_at": view.placed_at,
        "total": _amount(view.total),
        "customer": customer_of(view, actor=actor),
        "language": view.language,
        "lines": [_line(line) for line in view.lines],
        "fulfillment_orders": view.works,
        "promises": view.promises,
        "owner": view.owner,
        "customer_url": _link(view, actor=actor, key=key),
        "version": view.version,
        "quote": None,
    }


def as_json(values: object) -> bytes:
    """Shown values as they are answered."""
    return orjson.dumps(values, option=orjson.OPT_UTC_Z)


def _amount(money: Money) -> dict[str, str]:
    return {"amount": money.decimal, "currency": money.currency}


def _line(line: LineView) -> dict[str, Any]:
    return {
        "line": line.line,
        "item": line.item,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": _amount(line.unit_price),
        "tax": _amount(line.tax),
        "discount": _amount(line.discount),
        "method": line.method,
        "location": line.location,
        "states": line.states,
        "kit": line.kit,
    }


def customer_of(view: OrderView, *, actor: Actor) -> dict[str, str]:
    """The contact, masked for whom the work does not need it: other places, and those who only read."""
    contact = view.contact
    if actor.may_at_one_of(Permission.ORDERS_CONTACT, view.places):
        return {"name": contact.name, "email": contact.email, "phone": contact.phone}
    return {
        "name": contact.name,
        "email": mask_email(contact.email),
        "phone": mask_phone(contact.phone),
    }


def _link(view: OrderView, *, actor: Actor, key: bytes) -> str:
    """The customer's own page; whoever holds it acts for the customer, so it is not for every reader."""
    serves = actor.may_at_one_of(Permission.ORDERS_CONTACT, view.places)
    if not serves and not actor.may(Permission.ORDERS_PLACE):
        return ""
    return orders.customer_link(key, OrderId(view.order_id), view.link_version)


def mask_email(email: str) -> str:
    name, at, domain = email.partition("@")
    return f"{name[:1]}***{at}{domain}" if email else ""


def mask_phone(phone: str) -> str:
    return f"***{phone[-2:]}" if phone else ""
