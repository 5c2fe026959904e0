"""Pure decisions of orders: content, totals, numbers, links to the customer's page, what may be canceled."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

import orjson

from ambidex.domains.orders.model import (
    LINE,
    Draft,
    Instead,
    Line,
    LineState,
    LineVerb,
    NewLine,
    NewOrder,
    Order,
    OrderState,
)
from ambidex.domains.orders.problems import NothingToCancel, TooLateToCancel
from ambidex.kernel import values
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, FieldError

_SORTED = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXYZ"  # no vowels, nothing that looks or sounds like another
_NUMBER_LETTERS = 8
_SIGNATURE_BYTES = 16
LINES_MAX = 500
QUANTITY_MAX = 100_000
TOTAL_MAX = 10**14
REFERENCE_MAX = 200
LINK_LIVES = timedelta(days=180)
# A picker finds what is open for the customer first; what is furthest along is given up last.
CANCEL_ORDER = (
    LineState.OPEN,
    LineState.BACKORDERED,
    LineState.SHORT,
    LineState.RESERVED,
    LineState.ALLOCATED,
    LineState.PICKED,
    LineState.STAGED,
    LineState.READY,
    LineState.PACKED,
)


def content_hash(new: NewOrder) -> bytes:
    """A fingerprint of what was asked for, without the time and version at which a source repeats it."""
    content = values.replace(new, source_version=None) if new.source_version else new
    return hashlib.sha256(orjson.dumps(content, default=str, option=_SORTED)).digest()


def asks_the_same(new: NewOrder, known: bytes) -> bool:
    """Whether a fingerprint is of this content; those taken before 0.3 were taken of another spelling of it."""
    if content_hash(new) == known:
        return True
    content = json_value(values.replace(new, source_version=None))
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).digest() == known


@lru_cache(maxsize=1_000)
def number_of(order_id: UUID) -> str:
    """The number people say, from the random bits of the id ("K7QD-2M9X"); uniqueness is proved when stored."""
    bits = order_id.int & (1 << 62) - 1
    letters = ""
    for _ in range(_NUMBER_LETTERS):
        bits, at = divmod(bits, len(_LETTERS))
        letters += _LETTERS[at]
    return f"{letters[:4]}-{letters[4:]}"


def line_total_minor(line: NewLine, *, prices_include_tax: bool) -> int:
    """What the customer pays for a line."""
    tax = 0 if prices_include_tax or line.tax is None else line.tax.minor
    return line.unit_price.minor * line.quantity + tax - (line.discount.minor if line.discount else 0)


def total_minor(new: NewOrder) -> int:
    """What the customer pays for everything."""
    extras = (new.shipping.minor if new.shipping else 0) + (new.fees.minor if new.fees else 0)
    lines = sum(line_total_minor(line, prices_include_tax=new.prices_include_tax) for line in new.lines)
    return lines + extras


def tax_minor(new: NewOrder) -> int:
    """All tax told, whether prices include it or not."""
    return sum(line.tax.minor for line in new.lines if line.tax)


def place(draft: Draft, lines: tuple[Line, ...], state: OrderState, *, now: datetime) -> Order:
    """The order as it will stand: totals, number and the life of its link follow from what was asked."""
    new = draft.new
    return Order(
        order_id=draft.order_id,
        number=number_of(draft.order_id),
        source_id=draft.source_id,
        reference=new.reference,
        source_number=new.source_number,
        channel=new.channel,
        state=state,
        total=Money(total_minor(new), new.currency),
        tax=Money(tax_minor(new), new.currency),
        shipping=new.shipping or Money(0, new.currency),
        prices_include_tax=new.prices_include_tax,
        contact=new.contact,
        address=new.address,
        language=new.language,
        collectors=new.collectors,
        terms=new.terms,
        placed_at=new.placed_at or now,
        source_version=new.source_version,
        link_version=1,
        link_expires_at=now + LINK_LIVES,
        version=1,
        lines=lines,
    )


def faults(new: NewOrder) -> BadInput | None:
    """What cannot be agreed on: no lines, units or prices below what is possible, sums that do not add up."""
    errors: list[FieldError] = []
    if not 0 < len(new.lines) <= LINES_MAX:
        errors.append({"field": "lines", "expected": f"1 to {LINES_MAX} lines"})
    for index, line in enumerate(new.lines):
        errors += [{**e, "field": f"lines[{index}].{e['field']}"} for e in _line_faults(line)]
    if not new.reference or len(new.reference) > REFERENCE_MAX:
        errors.append({"field": "reference", "expected": f"1 to {REFERENCE_MAX} characters"})
    if not errors and not 0 <= total_minor(new) <= TOTAL_MAX:
        expected = "a total that is not negative, and prices that can be real"
        errors.append({"field": "lines", "expected": expected})
    return BadInput("the order cannot be placed as sent", errors=errors) if errors else None


def _line_faults(line: NewLine) -> list[FieldError]:
    errors: list[FieldError] = []
    if not 0 < line.quantity <= QUANTITY_MAX:
        errors.append({"field": "quantity", "expected": f"1 to {QUANTITY_MAX}"})
    if line.unit_price.minor < 0:
        errors.append({"field": "unit_price", "expected": "not negative"})
    if line.tax is not None and line.tax.minor < 0:
        errors.append({"field": "tax", "expected": "not negative"})
    if line.discount is not None and line.discount.minor < 0:
        errors.append({"field": "discounts", "expected": "not negative"})
    if not errors and line_total_minor(line, prices_include_tax=False) < 0:
        errors.append({"field": "discounts", "expected": "no more than the line is worth"})
    return errors


def link_token(key: bytes, order_id: OrderId, link_version: int) -> str:
    """The unguessable part of the customer's address: id, version and 128 bits of HMAC-SHA256 (RFC 2104)."""
    content = order_id.bytes + link_version.to_bytes(2, "big")
    return base64.urlsafe_b64encode(content + _sign(key, content)).decode().rstrip("=")


def customer_link(key: bytes, order_id: OrderId, link_version: int) -> str:
    """The path of the customer's page of this order."""
    return f"/o/{link_token(key, order_id, link_version)}"


def order_of_link(key: bytes, token: str) -> tuple[OrderId, int] | None:
    """The order and link version inside a token that we signed; None for anything else."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    content, signature = raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    if len(content) != 18 or not hmac.compare_digest(signature, _sign(key, content)):
        return None
    return OrderId(UUID(bytes=content[:16])), int.from_bytes(content[16:], "big")


def _sign(key: bytes, content: bytes) -> bytes:
    return hmac.digest(key, b"customer-link:" + content, "sha256")[:_SIGNATURE_BYTES]


def line_instead(order: Order, instead: Instead, *, worth: Money) -> Line:
    """The line that stands for these units from now on; `worth`: what they were bought for, whose share of tax it has.

    The sum of price, tax and discount is exactly what was agreed: what a price by unit leaves over is a discount.
    """
    old = order.line(instead.line_no)
    assert old is not None, "the line was looked at a moment ago"
    tax_before = tax_of_replaced(order, instead)
    tax = tax_before * instead.price.minor // worth.minor if worth.minor else 0
    goods = instead.price.minor - (0 if order.prices_include_tax else tax)
    each = -(-goods // instead.units)
    return Line(
        line_no=max(line.line_no for line in order.lines) + 1,
        item_id=instead.item_id,
        sku=instead.sku,
        title=instead.title,
        quantity=instead.units,
        unit_price=Money(each, order.currency),
        tax=Money(tax, order.currency),
        discount=Money(each * instead.units - goods, order.currency),
        method=old.method,
        location_id=None,
        counts={LineState.OPEN: instead.units},
    )


def tax_of_replaced(order: Order, instead: Instead) -> int:
    """The share of tax that the replaced units had, in minor units."""
    lines = [(line, instead.replaces.get(line.line_no, 0)) for line in order.lines]
    return sum(line.tax.minor * units // line.quantity for line, units in lines)


def cancel_plan(line: Line, quantity: int | None) -> Mapping[LineState, int]:
    """Which units of a line to cancel, least advanced first; None means all that can be.

    Raises TooLateToCancel when units asked for were handed over, NothingToCancel when none are left.
    """
    possible = {state: line.units(state) for state in CANCEL_ORDER if LINE.allows(state, LineVerb.CANCEL)}
    wanted = sum(possible.values()) if quantity is None else quantity
    if wanted > sum(possible.values()) or wanted == 0:
        if line.units(LineState.HANDED_OVER, LineState.SHIPPED, LineState.DELIVERED, LineState.RETURNED):
            raise TooLateToCancel(line=line.line_no, wanted=wanted, left=sum(possible.values()))
        raise NothingToCancel(line=line.line_no, wanted=wanted, left=sum(possible.values()))
    plan = {}
    for state, units in possible.items():
        if wanted and units:
            plan[state] = min(units, wanted)
            wanted -= plan[state]
    return plan
