"""Orders and the rules of what may be promised: who may be served from where, what is kept back, and kits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ambidex.domains.availability import MayNotServe, Number, Scope, put_rules
from ambidex.domains.catalogue import Component, Item
from ambidex.domains.inventory import SoldOut
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method, NewLine
from ambidex.flows import write_rules
from ambidex.flows.cancel import cancel
from ambidex.flows.kits import wishes
from ambidex.flows.serving import destination
from ambidex.flows.write_rules import RuleSaid
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId
from ambidex.kernel.ids import new_id as fresh
from ambidex.kernel.money import Money
from ambidex.kernel.problem import Problem
from ambidex.reads.audit import audit
from ambidex.runtime.perform import Run
from tests.conftest import NOON
from tests.flows.test_place_order import asked, gbp, place, wanted
from tests.shop import Shop

SENDS = frozenset({"ship"})
LONDON: dict[str, Any] = {
    "address": {"line1": "12 Chalk Farm Road", "zip": "NW1 8AG", "country": "United Kingdom"}
}
DUBLIN: dict[str, Any] = {"address": {"line1": "1 Essex Quay", "postcode": "D08 X3E5", "country": "IE"}}


@pytest.fixture
async def house(shop: Shop) -> Shop:
    """A warehouse in London that serves Great Britain, one in Cork that serves Ireland; a store that sends too."""
    await shop.place("dc-cork", zone="Europe/Dublin", kind=LocationKind.WAREHOUSE, capabilities=SENDS)
    await shop.place("dc-london", kind=LocationKind.WAREHOUSE, capabilities=SENDS)
    await shop.place("camden", capabilities=frozenset({"pickup", "ship"}))
    for code, country in (("dc-london", "GB"), ("dc-cork", "IE"), ("camden", "GB")):
        served = [(country, "")]
        await shop.run.perform(SYSTEM, write_rules.write_areas, code, method="ship", served=served)
    return shop


async def rule(shop: Shop, **said: Any) -> None:
    await shop.run.perform(SYSTEM, write_rules.write_rule, RuleSaid(**said))


def lines_of(refused: pytest.ExceptionInfo[Problem]) -> list[dict[str, Any]]:
    """The lines that a refusal names."""
    found: Any = refused.value.facts["lines"]
    return list(found)


def sent(quantity: int = 1, sku: str = "MUG-01") -> NewLine:
    return wanted(sku, quantity, place=None, method=Method.SHIP)


async def test_goods_come_from_a_place_that_serves_the_address(run: Run, house: Shop) -> None:
    await house.shelf("dc-cork", "MUG-01", 9)
    await house.shelf("camden", "MUG-01", 9)
    london = await place(run, asked(sent(), reference="W-1", **LONDON))
    dublin = await place(run, asked(sent(), reference="W-2", **DUBLIN))
    assert [work.location for work in london.view.works] == ["camden"]
    assert [work.location for work in dublin.view.works] == ["dc-cork"]


async def test_stock_where_nobody_may_serve_this_customer_is_promised_to_nobody(
    run: Run, house: Shop
) -> None:
    await house.shelf("dc-cork", "MUG-01", 9)
    with pytest.raises(SoldOut) as london:
        await place(run, asked(sent(), **LONDON))
    with pytest.raises(MayNotServe) as lisbon:
        await place(run, asked(sent(), address={"country": "PT", "postcode": "1100-148"}))
    with pytest.raises(MayNotServe) as nowhere:
        await place(run, asked(sent()))
    with pytest.raises(MayNotServe) as chosen:
        await place(run, asked(replace(sent(), location="dc-cork"), **LONDON))

    assert london.value.facts["left"] == [], "what lies in Cork is of no use in London"
    assert lines_of(lisbon)[0]["reason"] == "no place may serve this customer"
    assert nowhere.value.code == "may-not-serve"
    [line] = lines_of(chosen)
    assert (line["line"], line["location"], line["reason"]) == (
        1,
        "dc-cork",
        "it does not serve this address",
    )
    assert (await house.stock("dc-cork", "MUG-01")).reserved == 0


async def test_a_refusal_names_what_is_left_where_it_may_serve(run: Run, house: Shop) -> None:
    await house.shelf("dc-cork", "MUG-01", 9)
    await house.shelf("dc-london", "MUG-01", 2)
    with pytest.raises(SoldOut) as refused:
        await place(run, asked(sent(quantity=3), **LONDON))
    assert refused.value.facts["left"] == [{"item": "MUG-01", "location": "dc-london", "available": 2}]


async def test_a_channel_that_may_not_sell_from_a_place_is_refused(run: Run, house: Shop) -> None:
    await house.shelf("camden", "MUG-01", 9)
    await house.shelf("dc-london", "MUG-01", 9)
    await run.perform(
        SYSTEM, write_rules.write_group, "supply", name="Supply", codes=["dc-london", "dc-cork"]
    )
    await run.perform(SYSTEM, write_rules.write_channel, "web", groups=["supply"])
    with pytest.raises(MayNotServe) as refused:
        await place(run, asked(wanted(place="camden")))
    by_phone = await place(run, asked(wanted(place="camden"), reference="P-1", channel="phone"))
    routed = await place(run, asked(sent(), reference="W-2", **LONDON))

    assert lines_of(refused)[0]["reason"] == "the channel may not sell from it"
    assert by_phone.created
    assert [work.location for work in routed.view.works] == ["dc-london"]


async def test_two_lines_that_no_single_place_has_come_from_two(run: Run, house: Shop) -> None:
    await house.shelf("camden", "MUG-01", 9)
    await house.shelf("dc-london", "POT-01", 9)
    placed = await place(run, asked(sent(), sent(sku="POT-01"), **LONDON))
    assert [(line.item, line.location) for line in placed.view.lines] == [
        ("MUG-01", "camden"),
        ("POT-01", "dc-london"),
    ]


@pytest.mark.parametrize(
    ("rules", "pickup", "shipped"),
    [
        # nothing kept: five of five
        ([], 5, 5),
        ([{"number": "safety", "units": 2}], 3, 3),
        # the floor holds routing back, not a customer who chooses the place
        ([{"number": "floor", "units": 3, "location": "camden"}], 5, 2),
        ([{"number": "floor", "units": 3}, {"number": "safety", "units": 1}], 4, 2),
        ([{"number": "threshold", "units": 4, "channel": "web"}], 1, 1),
        ([{"number": "threshold", "units": 4, "channel": "pos"}], 5, 5),
    ],
)
async def test_an_order_gets_exactly_what_the_number_says(
    run: Run, house: Shop, rules: list[dict[str, Any]], pickup: int, shipped: int
) -> None:
    """One more is refused, with nothing taken; exactly so many are given."""
    await house.shelf("camden", "MUG-01", 5)
    for said in rules:
        await rule(house, **said)
    for reference, line, units in (("P", wanted(quantity=pickup), pickup), ("S", sent(shipped), shipped)):
        more = replace(line, quantity=units + 1)
        with pytest.raises(SoldOut) as refused:
            await place(run, asked(more, reference=f"{reference}-1", **LONDON))
        assert lines_of(refused)[0]["available"] == units
        placed = await place(run, asked(line, reference=f"{reference}-2", **LONDON))
        await run.perform(SYSTEM, cancel, placed.order_id, reason="next try")
    assert (await house.stock("camden", "MUG-01")).reserved == 0


async def test_a_threshold_is_shared_by_places_also_within_one_order(run: Run, house: Shop) -> None:
    await house.place("leith")
    await house.shelf("camden", "MUG-01", 3)
    await house.shelf("leith", "MUG-01", 3)
    await rule(house, number="threshold", units=2, channel="web")
    both = (wanted(quantity=3), wanted(quantity=2, place="leith"))
    with pytest.raises(SoldOut) as refused:
        await place(run, asked(*both))
    placed = await place(run, asked(wanted(quantity=3), wanted(quantity=1, place="leith"), reference="W-2"))

    [lack] = lines_of(refused)
    assert (lack["line"], lack["available"]) == (2, 1)
    assert placed.created


async def test_what_is_sold_already_may_use_what_is_kept_back(run: Run, house: Shop) -> None:
    await house.shelf("camden", "MUG-01", 2)
    await rule(house, number="safety", units=2)
    placed = await place(run, asked(), sold_elsewhere=True)
    assert [dict(line.states) for line in placed.view.lines] == [{"reserved": 1}]


async def kit(shop: Shop, price: str = "25.00") -> None:
    await shop.item("CUP-01", price="9.00")
    await shop.item("SAUCER-01", price="4.00")
    await shop.item("SET-01", price=price, components=(("CUP-01", 1), ("SAUCER-01", 3)))


async def test_a_kit_is_placed_priced_and_guarded_by_its_components(run: Run, house: Shop) -> None:
    await kit(house)
    await house.shelf("camden", "CUP-01", 5)
    await house.shelf("camden", "SAUCER-01", 7)
    line = replace(wanted("SET-01", 2), discount=gbp("1.00"), tax=gbp("0.99"))
    placed = await place(run, asked(line, wanted("CUP-01")))
    with pytest.raises(SoldOut) as refused:
        await place(run, asked(wanted("SET-01"), reference="W-2"))
    again = await place(run, asked(line, wanted("CUP-01")))

    cup, saucer, alone = placed.view.lines
    assert [(one.item, one.quantity) for one in (cup, saucer, alone)] == [
        ("CUP-01", 2),
        ("SAUCER-01", 6),
        ("CUP-01", 1),
    ]
    assert cup.kit == saucer.kit
    assert cup.kit is not None
    assert (cup.kit.item, cup.kit.number, cup.kit.quantity, alone.kit) == ("SET-01", 1, 2, None)
    worth = sum(
        one.unit_price.minor * one.quantity - one.discount.minor + one.tax.minor for one in (cup, saucer)
    )
    assert worth == 2 * 1990 - 100 + 99
    assert placed.view.total == gbp("59.69")
    assert not again.created, "the content is what was sent, not what a kit is made of today"
    [lack] = lines_of(refused)
    assert (lack["line"], lack["item"], lack["quantity"], lack["available"]) == (1, "SAUCER-01", 3, 1)


async def test_a_kit_is_canceled_by_component_and_the_books_stay_right(run: Run, house: Shop) -> None:
    await kit(house)
    await house.shelf("camden", "CUP-01", 5)
    await house.shelf("camden", "SAUCER-01", 7)
    placed = await place(run, asked(wanted("SET-01")))
    order = await run.perform(SYSTEM, cancel, placed.order_id, lines={2: 1}, reason="one broke")
    async with run.reading() as read:
        assert (await audit(read)).violations == ()
    assert (await house.stock("camden", "SAUCER-01")).reserved == 2
    assert [line.kit_sku for line in order.lines] == ["SET-01", "SET-01"]


async def test_two_kits_that_share_a_part_never_oversell_it(run: Run, house: Shop) -> None:
    await kit(house)
    await house.item("SET-02", components=(("SAUCER-01", 2),))
    await house.shelf("camden", "CUP-01", 9)
    await house.shelf("camden", "SAUCER-01", 4)
    with pytest.raises(SoldOut):
        await place(run, asked(wanted("SET-01"), wanted("SET-02")))
    placed = await place(run, asked(wanted("SET-01"), reference="W-2"))
    assert placed.created
    with pytest.raises(SoldOut):
        await place(run, asked(wanted("SET-02"), reference="W-3"))


async def test_a_kit_is_never_put_together_from_two_places(run: Run, house: Shop) -> None:
    await kit(house)
    await house.shelf("camden", "CUP-01", 5)
    await house.shelf("dc-london", "SAUCER-01", 9)
    with pytest.raises(SoldOut):
        await place(run, asked(sent(sku="SET-01"), **LONDON))
    await house.shelf("dc-london", "CUP-01", 1)
    placed = await place(run, asked(sent(sku="SET-01"), reference="W-2", **LONDON))
    assert {line.location for line in placed.view.lines} == {"dc-london"}


def _item(sku: str, price: int, made_of: tuple[tuple[Item, int], ...] = ()) -> Item:
    parts = tuple(Component(one.item_id, one.sku, units) for one, units in made_of)
    return Item(
        ItemId(fresh(NOON)),
        sku,
        sku,
        "",
        gbp("0.00") + Money(price, "GBP"),
        "",
        "",
        False,
        (),
        components=parts,
    )


@given(
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(1, 7)), min_size=1, max_size=6),
    st.integers(0, 9_999),
    st.integers(1, 9),
    st.integers(0, 3_000),
    st.integers(0, 3_000),
)
def test_the_price_of_a_kit_comes_back_to_the_cent(
    parts: list[tuple[int, int]], price: int, quantity: int, tax: int, discount: int
) -> None:
    made_of = tuple((_item(f"PART-{n}", worth), units) for n, (worth, units) in enumerate(parts))
    items = {one.sku: one for one, _ in made_of} | {"KIT": _item("KIT", price, made_of)}
    discount = min(discount, price * quantity)
    line = replace(
        wanted("KIT", quantity),
        unit_price=Money(price, "GBP"),
        tax=Money(tax, "GBP"),
        discount=Money(discount, "GBP"),
    )
    found = [wish.new for wish in wishes([line], items)]

    assert (
        sum(n.unit_price.minor * n.quantity - (n.discount.minor if n.discount else 0) for n in found)
        == price * quantity - discount
    )
    assert sum(n.tax.minor if n.tax else 0 for n in found) == tax
    for new in found:
        assert new.discount is not None
        assert 0 <= new.discount.minor <= new.unit_price.minor * new.quantity
    assert [n.quantity for n in found] == [units * quantity for _, units in made_of]


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ({}, ("", "")),
        ({"country": "us", "postcode": "98101"}, ("US", "98101")),
        ({"country": "United States", "zip": "98101"}, ("US", "98101")),
        ({"country_code": "DE", "country": "Germany", "postal_code": "10115"}, ("DE", "10115")),
        ({"country": "Atlantis"}, ("", "")),
    ],
)
def test_the_destination_of_an_address(address: dict[str, str], found: tuple[str, str]) -> None:
    assert destination(address) == found


async def test_rules_by_category_and_group_reach_the_order(run: Run, house: Shop) -> None:
    await house.item("MUG-01", category="kitchen")
    await house.shelf("camden", "MUG-01", 5)
    rows = [(Number.SAFETY, 4, Scope(category="kitchen", channel="web"))]
    await run.perform(SYSTEM, put_rules, rows)
    with pytest.raises(SoldOut):
        await place(run, asked(wanted(quantity=2)))
    assert (await place(run, asked(wanted(quantity=2), channel="phone"))).created
