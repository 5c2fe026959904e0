"""A customer's page with made-up values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ambidex.web.parts.card.story import pairs
from ambidex.web.parts.choice.story import pics
from ambidex.web.parts.customer import story as customer
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.story import NOON, clock
from ambidex.web.shell.view import Brand


def for_customer(_theme: str) -> Mapping[str, Any]:
    brand = Brand(
        name="Marlowe & Finch",
        home="#",
        now=NOON,
        languages=(("en", "English", "#"), ("el", "Ελληνικά", "#"), ("tr", "Türkçe", "#")),
    )
    return {
        "brand": brand,
        "pics": pics,
        "items": customer.items,
        "way": customer.way,
        "kept": customer.kept,
        "pairs": pairs,
        "clock": clock("Choose by", left=72, given=80, least=Mean.WAITING),
    }
