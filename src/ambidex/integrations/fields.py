"""Reading what others sent, field by field; whatever cannot be read is said with its path, for who repairs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson

from ambidex.flows.shop_port import Unreadable

Json: TypeAlias = Mapping[str, Any]
UNITS_MAX = 1_000_000
NUMBER_MAX = 2**62
TEXT_MAX = 128
# the quick parser makes another number of whole numbers beyond 64 bits, and refuses such as 1e400; others number things so
_DIGITS = bytes(48 if 48 <= byte <= 57 else 65 for byte in range(256))
_LONG = b"0" * 19


def load(body: bytes) -> Any:
    """Any JSON value, whole numbers to the last digit. Raises Unreadable."""
    try:
        return json.loads(body.decode()) if _LONG in body.translate(_DIGITS) else orjson.loads(body)
    except (ValueError, RecursionError) as cause:
        raise Unreadable(f"not JSON: {cause}") from cause


def mapping(value: Any, at: str) -> Json:
    if not isinstance(value, Mapping):
        raise Unreadable(f"{at}: an object was expected")
    return value


def text(found: Json, name: str, at: str, *, default: str | None = None) -> str:
    """A text, or a number written as one. Raises Unreadable when it is missing and has no default."""
    value = found.get(name)
    if value is None or value == "":
        if default is None:
            raise Unreadable(f"{at}.{name} is missing")
        return default
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable(f"{at}.{name}: a text was expected")
    words = str(value).strip()
    if not words or len(words) > TEXT_MAX or "\x00" in words:
        raise Unreadable(f"{at}.{name}: 1 to {TEXT_MAX} characters were expected")
    return words


def whole(found: Json, name: str, at: str, *, low: int = 0, high: int = UNITS_MAX) -> int:
    """A whole number within limits, also when it is written as text. Raises Unreadable."""
    value = found.get(name)
    if isinstance(value, str) and value.strip().lstrip("+-").isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Unreadable(f"{at}.{name}: a whole number from {low} to {high} was expected")
    return value


def moment(found: Json, name: str, at: str) -> datetime:
    """A time with its zone. Raises Unreadable."""
    words = text(found, name, at)
    try:
        when = datetime.fromisoformat(words)
        told = when.astimezone(UTC)
    except OverflowError as cause:
        raise Unreadable(f"{at}.{name}: no clock shows {words}") from cause
    except ValueError as cause:
        raise Unreadable(f"{at}.{name}: a time such as 2026-03-03T12:01:22Z was expected") from cause
    if when.tzinfo is None:
        raise Unreadable(f"{at}.{name}: the zone is missing (Z, or +01:00)")
    if not 2000 <= told.year <= 2999:
        raise Unreadable(f"{at}.{name}: no clock shows {words}")
    return told
