"""Reading Shopify's JSON: ids as numbers or text, money as text, number or two currencies, times with offsets.

Money never passes through a float, and an id of 18 digits stays exact: JSON numbers are read as int or Decimal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from ambidex.flows.shop_port import Unreadable
from ambidex.kernel.money import Money

Json = Mapping[str, Any]
UNITS_DIGITS = 7
_GID = "gid://shopify/"


def load(body: bytes) -> Json:
    """The JSON object in these bytes. Raises Unreadable."""
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as cause:
        raise Unreadable("the body is not JSON; it may have been cut short") from cause
    if not isinstance(found, dict):
        raise Unreadable("the body is not a JSON object")
    return found


def unwrap(found: Json, name: str) -> list[Json]:
    """The resources of this name: bare, `{"order": {...}}` or `{"orders": [...]}`."""
    if isinstance(found.get(f"{name}s"), list):
        return [_object(one, name) for one in found[f"{name}s"]]
    return [_object(found.get(name, found), name)]


def ident(found: Json, key: str) -> str:
    """An id as text of digits. Raises Unreadable when there is none."""
    value = maybe_ident(found, key)
    if not value:
        raise Unreadable(f"{key} is missing")
    return value


def maybe_ident(found: Json, key: str) -> str:
    """The same, "" when there is none. `gid://shopify/Order/1?x` is 1."""
    value = found.get(key)
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, int):
        return str(value)
    said = _storable(str(value)).strip()
    return said.rsplit("/", 1)[-1].partition("?")[0] if said.startswith(_GID) else said


def text(found: Json, *keys: str) -> str:
    """The first of these that says something, else ""."""
    values = (_storable(found[key]).strip() for key in keys if isinstance(found.get(key), str))
    return next((value for value in values if value), "")


def part(found: Json, key: str) -> Json:
    """A nested object; an absent or null one is empty."""
    value = found.get(key)
    return value if isinstance(value, dict) else {}


def parts(found: Json, key: str) -> list[Json]:
    """A nested list of objects; an absent or null one is empty."""
    value = found.get(key) or []
    if not isinstance(value, list):
        raise Unreadable(f"{key} is no list")
    return [_object(one, key) for one in value]


def units(found: Json, key: str = "quantity") -> int:
    """A whole number of units, zero or more. Raises Unreadable."""
    value = found.get(key)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= UNITS_DIGITS:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000_000:
        raise Unreadable(f"{key} is no number of units: {value!r}")
    return value


def instant(found: Json, *keys: str) -> datetime:
    """The first of these times, in UTC. Raises Unreadable when none is there or one has no offset."""
    at = maybe_instant(found, *keys)
    if at is None:
        raise Unreadable(f"{' and '.join(keys)} missing")
    return at


def maybe_instant(found: Json, *keys: str) -> datetime | None:
    """The same; None when none is there."""
    said = text(found, *keys)
    if not said:
        return None
    try:
        at = datetime.fromisoformat(said)
        local = at.tzinfo is None
        at = at.astimezone(UTC)
    except (OverflowError, ValueError) as cause:
        raise Unreadable(f"{said!r} is no time") from cause
    if local:
        raise Unreadable(f"{said!r} names no zone")
    return at


def money(found: Json, key: str, currency: str) -> Money:
    """An amount in the shop's currency: plain, or the shop's side of `{key}_set`. Absent is nothing (0)."""
    value = found.get(key)
    if value is None or value == "":
        value = part(found, f"{key}_set") or 0
    if isinstance(value, dict):
        value = _shop_side(value, currency)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise Unreadable(f"{key} is no amount: {value!r}")
    try:
        return Money.parse(str(value), currency)
    except ValueError as cause:
        raise Unreadable(f"{key}: {cause}") from cause


def _shop_side(value: Json, currency: str) -> Any:
    side = part(value, "shop_money") or value
    named = text(side, "currency_code", "currency")
    if named and named != currency:
        raise Unreadable(f"an amount in {named} where the shop counts in {currency}")
    return side.get("amount", 0)


def _storable(said: str) -> str:
    """Without what no database text can hold: NUL, and halves of surrogate pairs."""
    return said.replace("\x00", "").encode("utf-8", "replace").decode()


def _object(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is no object")
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
