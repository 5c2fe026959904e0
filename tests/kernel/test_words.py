"""A text of which nobody sees anything says nothing; anything with a shape does, in any script."""

from __future__ import annotations

import pytest

from ambidex.kernel.words import seen


@pytest.mark.parametrize(
    "text", ["", " \t\n", "\u200b", "\u202e\u2060", "\xa0\ufeff", "\u3164", "\u2800", "\u0301"]
)
def test_what_has_no_shape_is_nothing(text: str) -> None:
    assert seen(text) == ""


@pytest.mark.parametrize("text", ["x", "不在", "لا أحد", "நிலா", "👩‍👩‍👧", "—", "7", "e\u0301"])
def test_what_has_a_shape_stays_as_it_is(text: str) -> None:
    assert seen(f" {text}\n") == text
