"""Where a person must say why, or where something goes, signs that nobody sees are refused as nothing is."""

from __future__ import annotations

import pytest

from ambidex.domains.fulfillment import rules
from ambidex.flows.correct_address import corrected
from ambidex.flows.paid import agree
from ambidex.flows.parcels import must_say_why
from ambidex.flows.pause_place import pause_place
from ambidex.flows.place_order import place_order
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.perform import Run
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop

UNSEEN = "\u200b\u202e"


def test_refusing_a_work_and_choosing_for_a_parcel_need_words() -> None:
    for must in (rules.must_give_reason, must_say_why):
        must("nobody at home")
        with pytest.raises(Problem):
            must(UNSEEN)


@pytest.mark.parametrize("field", ["line1", "city"])
def test_an_address_has_a_street_and_a_town_that_one_sees(field: str) -> None:
    said = {"line1": "1 Walnut St", "city": "Philadelphia", "postcode": "19103"}
    corrected({}, said)
    with pytest.raises(Problem):
        corrected({}, {**said, field: UNSEEN})


async def test_money_and_a_pause_are_agreed_to_in_words(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    placed = await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    with pytest.raises(BadInput) as money:
        await run.perform(SYSTEM, agree, order_id=placed.order_id, reason=UNSEEN)
    with pytest.raises(BadInput) as pause:
        await run.perform(SYSTEM, pause_place, code="camden", reason=UNSEEN)
    assert [refused.value.errors[0]["field"] for refused in (money, pause)] == ["reason", "reason"]
