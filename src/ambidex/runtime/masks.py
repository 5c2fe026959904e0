"""Raw messages shown to people with what could reach a customer covered: names, e-mails, phones, addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

COVERED = frozenset({
    "address1", "address2", "browser_ip", "city", "company", "contact_email", "email", "first_name", "last_name",
    "latitude", "longitude", "phone", "zip", "order_status_url", "note",
})  # fmt: skip
NAMED_IN = frozenset({
    "billing_address", "customer", "default_address", "destination", "shipping_address",
})  # fmt: skip
COVER = "•••"
SHOWN_MAX = 60_000
_MAIL = re.compile(rb"[\w.+-]+@[\w-]+\.[\w.]+")


def shown(body: bytes) -> str:
    """The body for reading: indented, contact covered. What is no JSON is shown as text without e-mails."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return _MAIL.sub(COVER.encode(), body[:SHOWN_MAX]).decode("utf-8", "replace")
    return json.dumps(_covered(found), indent=2, ensure_ascii=False)[:SHOWN_MAX]


def _covered(value: Any, within: str = "") -> Any:
    if isinstance(value, Mapping):
        return {
            key: COVER if _is_contact(key, one, within) else _covered(one, key) for key, one in value.items()
        }
    if isinstance(value, list):
        return [_covered(one, within) for one in value]
    return value


def _is_contact(key: str, value: Any, within: str) -> bool:
    return bool(value) and (key in COVERED or (key == "name" and within in NAMED_IN))
