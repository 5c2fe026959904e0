"""Quotes: what would we promise, kept for a while, and exactly that for the order that names it."""

from __future__ import annotations

from typing import Any

import pytest

from ambidex.domains import catalogue, quotes
from ambidex.domains.availability import MayNotServe
from ambidex.domains.catalogue import NewItem
from ambidex.domains.inventory import SoldOut
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.quotes import Quote
from ambidex.flows import hold_quote, write_rules
from ambidex.flows.hold_quote import Held
from ambidex.flows.place_order import Placed
from ambidex.flows.quote import Answer, quote
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import new_id
from ambidex.kernel.money import Money
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.audit import audit
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop

SENDS = frozenset({"ship"})
LONDON = {"country": "GB", "postcode": "NW1 8AG"}
THERE: dict[str, Any] = {"address": {"country": "GB", "postcode": "nw18ag"}}


@pytest.fixture
async def house(shop: Shop) -> Shop:
    """Two stores near each other in London, one far away, and a warehouse in Leeds."""
    both = frozenset({"pickup", "ship"})
    for code, latitude, longitude in (
        ("camden", 51.54, -0.14),
        ("soho", 51.513, -0.131),
        ("leith", 55.97, -3.17),
    ):
        await shop.place(code, capabilities=both, latitude=latitude, longitude=longitude)
    await shop.place(
        "dc-leeds",
        kind=LocationKind.WAREHOUSE,
        capabilities=SENDS,
        latitude=53.8,
        longitude=-1.55,
        address={},
    )
    for code, units in (("camden", 3), ("soho", 5), ("leith", 9), ("dc-leeds", 50)):
        await shop.shelf(code, "MUG-01", units)
    await shop.shelf("camden", "TEAPOT", 1)
    await shop.shelf("dc-leeds", "TEAPOT", 4)
    return shop


async def ask(run: Run, *lines: tuple[str, int], **said: Any) -> Answer:
    async with run.reading() as read:
        return await quote(
            read, Basket(lines or (("MUG-01", 2),), **{**LONDON, **said}), quote_id=new_id(read.now)
        )


async def hold(run: Run, *lines: tuple[str, int], option: str = "", **said: Any) -> Held:
    basket = Basket(lines or (("MUG-01", 2),), **{**LONDON, **said})
    return await run.perform(SYSTEM, hold_quote.hold_quote, basket, minutes=15, option=option)


async def order(run: Run, held: Held, *lines: Any, reference: str = "W-1", **said: Any) -> Placed:
    """An order that names this quote and leaves the places to it."""
    method = held.option.method
    wishes = lines or [
        wanted(sku, units, place=None, method=method) for sku, units in held.answer.view.basket.lines
    ]
    terms = {"quote": str(held.quote.quote_id)}
    return await place(run, asked(*wishes, reference=reference, terms=terms, **{**THERE, **said}))


async def stored(run: Run, held: Held) -> Quote:
    async with run.reading() as read:
        return await quotes.quote(read, held.quote.quote_id)


async def balances(run: Run) -> None:
    async with run.reading() as read:
        said = (await audit(read)).violations
    # nobody publishes here
    assert [one for one in said if one.invariant != "8 audit"] == []


async def test_every_way_is_told_with_its_time_price_and_confidence(run: Run, house: Shop) -> None:
    answer = await ask(run)
    pickups = [one for one in answer.options if one.method is Method.PICKUP]
    assert [one.shares[0].place.code for one in pickups] == ["camden", "soho"]
    assert all(one.due_at > answer.at and 50 <= one.confidence <= 100 for one in answer.options)
    [sent] = [one for one in answer.options if one.method is Method.SHIP]
    assert (sent.key, sent.price, len(sent.shares)) == ("ship:standard", None, 1)
    assert sent.shares[0].leaves_at is not None
    assert sent.cost > pickups[0].cost


async def test_a_place_that_has_not_all_is_named_with_what_it_has(run: Run, house: Shop) -> None:
    answer = await ask(run, ("MUG-01", 4), methods=(Method.PICKUP,))
    assert [one.key for one in answer.options] == ["pickup:soho", "pickup:camden:sent"]
    [camden] = answer.missing
    assert camden.place is not None
    assert (camden.place.code, dict(camden.left)) == ("camden", {"MUG-01": 3})


async def test_a_basket_nobody_has_whole_comes_in_parts(run: Run, house: Shop) -> None:
    answer = await ask(run, ("MUG-01", 1), ("TEAPOT", 5), methods=(Method.SHIP,))
    [sent] = answer.options
    assert sorted(share.place.code for share in sent.shares) == ["camden", "dc-leeds"]
    assert sum(n for share in sent.shares for n in share.units.values()) == 6


@pytest.mark.parametrize(
    ("lines", "said", "problem"),
    [
        ((("NO-SUCH", 1),), {}, BadInput),
        ((("MUG-01", 500),), {}, SoldOut),
        ((("MUG-01", 1),), {"country": "", "postcode": ""}, BadInput),
        ((("MUG-01", 1),), {"place": "atlantis"}, BadInput),
        ((("MUG-01", 1),), {"methods": (Method.DELIVER,)}, MayNotServe),
        ((("MUG-01", 1),), {"country": "", "postcode": "", "place": "dc-leeds"}, MayNotServe),
    ],
)
async def test_what_cannot_be_promised_is_refused_with_the_reason(
    run: Run, house: Shop, lines: tuple[tuple[str, int], ...], said: dict[str, Any], problem: type[Problem]
) -> None:
    with pytest.raises(problem):
        await ask(run, *lines, **said)


async def test_a_region_nobody_serves_is_no_promise(run: Run, house: Shop) -> None:
    for code in house.places:
        await run.perform(SYSTEM, write_rules.write_areas, code, method="ship", served=[("IE", "")])
    with pytest.raises(MayNotServe):
        await ask(run, methods=(Method.SHIP,))


async def test_a_kit_is_quoted_by_its_components_from_one_place(run: Run, house: Shop) -> None:
    tea = NewItem("TEA-SET", "Tea set", Money(4900, "GBP"), components=(("TEAPOT", 1), ("MUG-01", 2)))
    await run.perform(SYSTEM, catalogue.put_item, tea)
    held = await hold(run, ("TEA-SET", 1), methods=(Method.SHIP,))
    [share] = held.option.shares
    assert sorted(share.units.values()) == [1, 2]
    placed = await order(run, held)
    assert placed.quote == {"id": str(held.quote.quote_id), "kept": True, "differences": []}
    assert {work.location for work in placed.view.works} == {share.place.code}


@pytest.mark.parametrize("option", ["pickup:soho", "ship:standard"])
async def test_an_order_takes_exactly_what_was_held_and_is_promised_what_was_quoted(
    run: Run, house: Shop, clock: Clock, option: str
) -> None:
    held = await hold(run, option=option)
    clock.forward(minutes=10)
    # meanwhile everybody else buys what is free
    for n, code in enumerate(("camden", "soho", "leith", "dc-leeds")):
        free = await house.stock(code, "MUG-01")
        units = free.sellable - free.reserved - free.held
        await place(run, asked(wanted("MUG-01", units, place=code, method=Method.SHIP), reference=f"X-{n}"))
    placed = await order(run, held)
    assert placed.quote is not None
    assert placed.quote["kept"] is True
    assert [work.location for work in placed.view.works] == [share.place.code for share in held.option.shares]
    assert max(one.at for one in placed.view.promises) == held.option.due_at
    after = await stored(run, held)
    assert (after.state.value, after.kept, after.order_id) == ("used", True, placed.order_id)
    for code in house.places:
        position = await house.stock(code, "MUG-01")
        assert (position.held, position.gap) == (0, 0)
    await balances(run)


async def test_lines_may_come_in_another_order_and_in_other_pieces(run: Run, house: Shop) -> None:
    held = await hold(run, ("MUG-01", 2), ("TEAPOT", 1), option="pickup:camden")
    lines = [wanted(sku, 1, place="camden") for sku in ("TEAPOT", "MUG-01", "MUG-01")]
    placed = await order(run, held, *lines)
    assert placed.quote is not None
    assert placed.quote["kept"] is True
    assert [line.states for line in placed.view.lines] == [{"reserved": 1}] * 3
    await balances(run)


async def test_a_hold_that_is_over_is_placed_anew_and_the_difference_told(
    run: Run, house: Shop, clock: Clock
) -> None:
    held = await hold(run, option="pickup:camden")
    clock.forward(minutes=16)
    placed = await order(run, held)
    assert placed.quote is not None
    assert placed.quote["kept"] is False
    assert [one["what"] for one in placed.quote["differences"]] == ["expired", "due_at"]
    assert (await stored(run, held)).kept is False
    await balances(run)


async def test_what_a_count_took_is_the_difference(run: Run, house: Shop) -> None:
    held = await hold(run, option="ship:standard", methods=(Method.SHIP,))
    at = held.option.shares[0].place.code
    await house.shelf(at, "MUG-01", 0)
    placed = await order(run, held)
    assert placed.quote is not None
    assert [one["what"] for one in placed.quote["differences"]][:2] == ["stock", "places"]
    assert at not in {work.location for work in placed.view.works}
    await balances(run)


async def test_a_quote_is_used_once(run: Run, house: Shop) -> None:
    held = await hold(run)
    first = await order(run, held)
    again = await order(run, held)
    assert again.order_id == first.order_id
    assert not again.created
    with pytest.raises(quotes.QuoteUsed):
        await order(run, held, reference="W-2")


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"lines": [wanted("MUG-01", 3, place=None, method=Method.SHIP)]}, quotes.QuoteOfOtherBasket),
        ({"channel": "phone"}, quotes.QuoteOfOtherChannel),
        ({"lines": [wanted("MUG-01", 2, place="soho")]}, quotes.QuoteOfOtherDestination),
        ({"address": {"country": "GB", "postcode": "LS1 1AA"}}, quotes.QuoteOfOtherDestination),
    ],
)
async def test_a_quote_of_something_else_is_refused(
    run: Run, house: Shop, said: dict[str, Any], problem: type[Problem]
) -> None:
    held = await hold(run, option="ship:standard")
    with pytest.raises(problem):
        await order(run, held, *said.pop("lines", ()), **said)
    assert (await stored(run, held)).state.value == "open"


async def test_an_unknown_quote_is_refused(run: Run, house: Shop) -> None:
    held = await hold(run)
    with pytest.raises(quotes.UnknownQuote):
        await place(run, asked(wanted("MUG-01", 2), terms={"quote": str(new_id(held.quote.expires_at))}))


async def test_another_choice_lets_the_first_one_go(run: Run, house: Shop) -> None:
    first = await hold(run, option="pickup:camden")
    basket = first.answer.view.basket
    second = await run.perform(
        SYSTEM,
        hold_quote.hold_quote,
        basket,
        minutes=15,
        option="pickup:soho",
        instead_of=first.quote.quote_id,
    )
    assert (await house.stock("camden", "MUG-01")).held == 0
    assert (await house.stock("soho", "MUG-01")).held == 2
    with pytest.raises(quotes.QuoteLetGo):
        await order(run, first, reference="W-7")
    assert (await order(run, second)).created


async def test_expired_holds_claim_nothing_though_nobody_swept(run: Run, house: Shop, clock: Clock) -> None:
    await hold(run, ("TEAPOT", 1), option="pickup:camden")
    pickup = {"methods": (Method.PICKUP,)}
    assert (await ask(run, ("TEAPOT", 1), **pickup)).option("pickup:camden") is None
    clock.forward(minutes=16)
    assert (await ask(run, ("TEAPOT", 1), **pickup)).option("pickup:camden") is not None
