"""What a person sees of a text: blanks and signs without a shape are nothing."""

from __future__ import annotations

import unicodedata

# letters and symbols by their category, and yet blank
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def seen(text: str) -> str:
    """The text without blanks around it; empty when nobody could see anything of it."""
    return text.strip() if any(_has_shape(sign) for sign in text) else ""


def _has_shape(sign: str) -> bool:
    return unicodedata.category(sign)[0] not in "CZM" and sign not in _BLANK
