"""Which order may use a quote, as a table; and a quote as it is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from ambidex.domains.quotes import (
    HeldUnits,
    Promised,
    Quote,
    QuotedPart,
    QuoteLetGo,
    QuoteOfOtherBasket,
    QuoteOfOtherChannel,
    QuoteOfOtherDestination,
    QuoteState,
    QuoteUsed,
    basket_of,
    may_use,
)
from ambidex.domains.quotes.rules import as_json, from_json
from ambidex.kernel.ids import ItemId, LocationId
from tests.conftest import NOON

MUG, LEEDS, HOLD = ItemId(UUID(int=1)), LocationId(UUID(int=2)), UUID(int=3)
PART = QuotedPart(LEEDS, "leeds", NOON, NOON, NOON + timedelta(days=1), (HeldUnits(1, MUG, "MUG", 2, HOLD),))
SHIP = Promised(
    "ship:standard", "ship", "standard", PART.due_at, 97, 4_120_500, (PART,), 3, "canary", "north"
)
PICKUP = replace(
    SHIP, option="pickup:leeds", method="pickup", speed="", parts=(replace(PART, leaves_at=None),)
)
QUOTE = Quote(
    UUID(int=9), QuoteState.OPEN, "web", "", "GB", "LS1 1AA", (("MUG", 2),), SHIP, NOON, NOON, None, None, ()
)  # fmt: skip
SAME = {
    "channel": "web",
    "source": "web:main",
    "basket": (("MUG", 2),),
    "wanted": [("ship", None)],
    "destination": ("GB", "ls11aa"),
}


@pytest.mark.parametrize(
    ("quote", "order", "refused"),
    [
        (QUOTE, {}, None),
        (QUOTE, {"wanted": [("ship", "leeds")]}, None),
        (replace(QUOTE, source="web:main"), {}, None),
        (replace(QUOTE, source="shopify:main"), {}, QuoteOfOtherChannel),
        (QUOTE, {"channel": "phone"}, QuoteOfOtherChannel),
        (QUOTE, {"basket": (("MUG", 3),)}, QuoteOfOtherBasket),
        (QUOTE, {"basket": (("MUG", 2), ("PAN", 1))}, QuoteOfOtherBasket),
        (QUOTE, {"wanted": [("pickup", "leeds")]}, QuoteOfOtherDestination),
        (QUOTE, {"wanted": [("ship", "york")]}, QuoteOfOtherDestination),
        (QUOTE, {"destination": ("GB", "YO1 1AA")}, QuoteOfOtherDestination),
        (QUOTE, {"destination": ("IE", "LS1 1AA")}, QuoteOfOtherDestination),
        # who collects has no address
        (replace(QUOTE, promised=PICKUP), {"wanted": [("pickup", "leeds")], "destination": ("", "")}, None),
        (replace(QUOTE, promised=PICKUP), {"wanted": [("pickup", "york")]}, QuoteOfOtherDestination),
        (replace(QUOTE, state=QuoteState.USED), {}, QuoteUsed),
        (replace(QUOTE, state=QuoteState.LET_GO), {}, QuoteLetGo),
    ],
)
def test_which_order_may_use_it(
    quote: Quote, order: dict[str, object], refused: type[Exception] | None
) -> None:
    said = may_use(quote, **{**SAME, **order})  # type: ignore[arg-type]  # as the table says
    assert (None if said is None else type(said)) == refused


def test_two_lines_of_one_item_are_one_basket() -> None:
    assert basket_of([("MUG", 1), ("PAN", 1), ("MUG", 2)]) == (("MUG", 3), ("PAN", 1))


@pytest.mark.parametrize("promised", [SHIP, PICKUP])
def test_it_is_stored_as_it_was(promised: Promised) -> None:
    assert from_json(as_json(promised)) == promised
