"""Keyset pages: a list that is never offset, always bounded, with a cursor to go on."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass

T = TypeVar("T")
PAGE_MAX = 200
CURSOR_MAX = 1000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`next` is the cursor of the following page, None at the end."""

    items: Sequence[T]
    next: str | None


def write_cursor(*keys: Any) -> str:
    """The keys of the last row, as an opaque string."""
    return base64.urlsafe_b64encode(json.dumps(keys, default=str).encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> list[Any]:
    """The keys inside a cursor; BadInput when it is not one of ours."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(cursor[:CURSOR_MAX] + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of ours"}]) from cause
    if not isinstance(keys, list) or not keys:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of ours"}])
    return keys
