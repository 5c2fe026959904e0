"""Cursors: ours come back as they were; whatever else is sent is refused."""

from __future__ import annotations

import base64

import pytest

from ambidex.kernel.page import read_cursor, write_cursor
from ambidex.kernel.problem import BadInput


def coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def test_a_cursor_comes_back() -> None:
    assert read_cursor(write_cursor("MUG-01", 7, None)) == ["MUG-01", 7, None]


@pytest.mark.parametrize(
    "cursor",
    ["x", "é", "%00", "=", coded("{}"), coded("[]"), coded("7"), coded("nonsense"), coded("[" * 20_000 + "]" * 20_000)],
)  # fmt: skip
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(BadInput):
        read_cursor(cursor)
