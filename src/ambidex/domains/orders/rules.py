"""Pure decisions of orders: content, totals, numbers, links to the customer's page, what may be canceled."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from uuid import UUID

from ambidex.domains.orders.model import LINE, Line, LineState, LineVerb, NewLine, NewOrder
from ambidex.domains.orders.problems import NothingToCancel, TooLateToCancel
from ambidex.kernel.event import json_value
from ambidex.kernel.ids import OrderId

_LETTERS = "23456789BCDFGHJKLMNPQRSTVWXYZ"  # no vowels, nothing that looks or sounds like another
_NUMBER_LETTERS = 8
_SIGNATURE_BYTES = 16
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
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
)


def content_hash(new: NewOrder) -> bytes:
    """A fingerprint of what was asked for, without the time and version at which a source repeats it."""
    content = dataclasses.replace(new, source_version=None)
    return hashlib.sha256(json.dumps(json_value(content), sort_keys=True, default=str).encode()).digest()


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
    return hmac.new(key, b"customer-link:" + content, hashlib.sha256).digest()[:_SIGNATURE_BYTES]


def holds_card_number(text: str) -> bool:
    """Whether a text holds 13 to 19 digits that pass the Luhn check (ISO/IEC 7812-1)."""
    return any(_luhn(re.sub(r"\D", "", match.group())) for match in _CARD.finditer(text))


def _luhn(digits: str) -> bool:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if index % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and len(set(digits)) > 1


def cancel_plan(line: Line, quantity: int | None) -> Mapping[LineState, int]:
    """Which units of a line to cancel, least advanced first; None means all that can be.

    Raises TooLateToCancel when units asked for were handed over, NothingToCancel when none are left.
    """
    possible = {state: line.units(state) for state in CANCEL_ORDER if LINE.allows(state, LineVerb.CANCEL)}
    wanted = sum(possible.values()) if quantity is None else quantity
    if wanted > sum(possible.values()) or wanted == 0:
        if line.units(LineState.HANDED_OVER, LineState.RETURNED):
            raise TooLateToCancel(line=line.line_no, wanted=wanted, left=sum(possible.values()))
        raise NothingToCancel(line=line.line_no, wanted=wanted, left=sum(possible.values()))
    plan = {}
    for state, units in possible.items():
        if wanted and units:
            plan[state] = min(units, wanted)
            wanted -= plan[state]
    return plan


def texts_of(value: object) -> Iterable[str]:
    """Every string inside free fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts_of(inner)
