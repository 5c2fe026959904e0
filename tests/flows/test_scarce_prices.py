"""Prices of scarce stock in the product: made at night from real orders, used where they saved, and off again when not."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from ambidex.domains import routing
from ambidex.domains.locations import LocationKind
from ambidex.domains.orders import Method
from ambidex.domains.routing import Demand, NewReceipt, Shelf, Site, Snapshot, Wanted
from ambidex.domains.routing.rules.price_list import PriceList, PricesState, WhyOff
from ambidex.flows import replay_routing
from ambidex.flows.place_order import Placed
from ambidex.flows.price_scarce_stock import Nightly, make_now
from ambidex.flows.quote import quote
from ambidex.flows.quote_words import Basket
from ambidex.flows.reoptimise import reoptimise
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import NotAllowed
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.conftest import NOON, Clock
from tests.flows.test_place_order import asked, place, wanted
from tests.shop import Shop, associate

ask, change = routing.ask, routing.change
NEAR, FAR = "dc-london", "dc-leeds"
CAMDEN, NORTHAMPTON = (51.536, -0.141), (52.24, -0.9)
# nearly as near to Leeds as to London
GRANTHAM = (52.6, -0.7)
MUG = "MUG-01"


@pytest.fixture
async def house(shop: Shop) -> Shop:
    """A few mugs in London, many in Leeds; who wants one lives on the way between, London is nearer to all of them."""
    for code, north, east, units in ((NEAR, 51.5, -0.1, 10), (FAR, 53.8, -1.5, 400)):
        await shop.place(
            code,
            kind=LocationKind.WAREHOUSE,
            capabilities=frozenset({"ship"}),
            latitude=north,
            longitude=east,
        )
        await shop.shelf(code, MUG, units)
    return shop


async def past(run: Run, count: int = 48, *, days: int = 12) -> None:
    """So many orders were placed in the last days, from Camden on northwards."""
    policy, _ = (await _book(run)).version_for("", UUID(int=1))

    async def keep(tx: Tx) -> None:
        await routing.record(
            tx, [_receipt(n, tx.now - timedelta(days=days) * (1 - n / count), policy) for n in range(count)]
        )

    await run.perform(SYSTEM, keep)


def _receipt(n: int, at: datetime, policy: routing.Policy) -> NewReceipt:
    north, east = CAMDEN[0] + 0.025 * (n % 24), CAMDEN[1]
    demand = Demand(
        f"{n}", (Wanted(1, MUG, 1, grams=400, value=1_200),), country="GB",
        latitude_e6=round(north * 1e6), longitude_e6=round(east * 1e6),
    )  # fmt: skip
    sites = [Site(NEAR, "warehouse", 51_500_000, -100_000, leaves_at=int(at.timestamp()))]
    found = Snapshot.of(
        int(at.timestamp()), demand, sites=sites, shelves={(NEAR, 1): Shelf(9)}, policy=policy
    )
    decided = routing.decide(found)
    return NewReceipt(OrderId(UUID(int=n + 1)), "placed", "live", found, decided.receipt, at, 100)


async def _book(run: Run) -> Any:
    async with run.reading() as read:
        return await routing.rulebook(read)


async def night(run: Run, nightly: Nightly | None = None) -> PriceList:
    """The worker goes on until there is nothing more; what came out."""
    nightly = nightly or Nightly()
    while await nightly.step(run):
        pass
    async with run.reading() as read:
        found = await ask.price_list(read)
    assert found is not None
    return found


async def bought(house: Shop, reference: str, point: tuple[float, float] = NORTHAMPTON) -> Placed:
    address = {"line1": "4 Abington Street", "postcode": "NN1 2AJ", "country": "GB"}
    to = {"address": address | {"latitude": point[0], "longitude": point[1]}}
    return await place(
        house.run, asked(wanted(MUG, 1, place=None, method=Method.SHIP), reference=reference, **to)
    )


async def receipt_of(run: Run, placed: Placed) -> routing.ask.StoredReceipt:
    async with run.reading() as read:
        return await ask.receipt(read, placed.order_id)


def sites(one: routing.ask.StoredReceipt) -> list[str]:
    return [part["site"] for part in one.receipt["chosen"]["parts"]]


async def test_who_can_go_elsewhere_leaves_the_scarce_unit_to_who_cannot_once_that_is_proved(
    run: Run, house: Shop
) -> None:
    await past(run)
    before = await receipt_of(run, await bought(house, "P-1"))
    assert sites(before) == [NEAR]

    made = await night(run)
    assert (made.state, made.past, made.made_by) == (PricesState.ON, 49, "Ambidex")
    assert made.proof.saved > 0.001
    assert set(made.priced[MUG]) == {NEAR}

    after = await receipt_of(run, await bought(house, "P-2"))
    assert sites(after) == [FAR]
    mills = made.priced[MUG][NEAR][0]
    assert after.snapshot["price"] == [[0, mills]]
    columns, costs = (after.receipt["candidates"][name] for name in ("columns", "costs"))
    assert dict(zip(columns["site"], costs["scarcity"], strict=True)) == {FAR: 0, NEAR: mills}
    camden = await receipt_of(run, await bought(house, "P-3", CAMDEN))
    assert sites(camden) == [NEAR]


async def test_open_orders_that_are_decided_together_know_them_too(run: Run, house: Shop) -> None:
    """It was placed before there were prices; a window gives the scarce unit back."""
    await past(run)
    placed = await bought(house, "P-1", GRANTHAM)
    assert sites(await receipt_of(run, placed)) == [NEAR]
    await night(run)
    assert await run.perform(SYSTEM, reoptimise, [placed.order_id]) == 1
    moved = await receipt_of(run, placed)
    assert (moved.cause, sites(moved)) == ("window", [FAR])
    assert sum(map(sum, moved.snapshot["price"])) > 0


async def test_what_was_decided_by_prices_replays_to_the_bit(run: Run, house: Shop, clock: Clock) -> None:
    await past(run)
    await night(run)
    await bought(house, "P-1")
    clock.forward(days=1)
    await run.perform(SYSTEM, change.stop_prices)
    replay = await replay_routing.replay_day(run, NOON.date())
    assert replay.total == replay.same > 0


async def test_a_quote_knows_the_same_prices(run: Run, house: Shop) -> None:
    north, east = (round(part * 1e6) for part in NORTHAMPTON)
    basket = Basket(
        ((MUG, 1),), country="GB", postcode="NN1 2AJ", point=(north, east), methods=(Method.SHIP,)
    )
    await past(run)

    async def from_where() -> set[str]:
        async with run.reading() as read:
            found = await quote(read, basket, quote_id=UUID(int=5))
        return {share.place.code for option in found.options for share in option.shares}

    assert await from_where() == {NEAR}
    await night(run)
    assert await from_where() == {FAR}


async def test_they_are_off_again_the_night_after_goods_came(run: Run, house: Shop, clock: Clock) -> None:
    await past(run)
    nightly = Nightly()
    assert (await night(run, nightly)).state is PricesState.ON
    assert await nightly.step(run) is False
    assert (await night(run, nightly)).number == 1, "once a day"

    await house.shelf(NEAR, MUG, 300)
    assert sites(await receipt_of(run, await bought(house, "P-1"))) == [NEAR], "it has more than it had"
    clock.forward(days=1)
    made = await night(run, nightly)
    assert (made.number, made.state, made.why) == (2, PricesState.OFF, WhyOff.PLENTY)


async def test_prices_of_two_days_ago_count_no_more(run: Run, house: Shop, clock: Clock) -> None:
    await past(run)
    await night(run)
    clock.forward(days=2)
    assert sites(await receipt_of(run, await bought(house, "P-1"))) == [NEAR]


async def test_few_orders_prove_nothing(run: Run, house: Shop) -> None:
    await past(run, 30)
    made = await night(run)
    assert (made.state, made.why, made.count) == (PricesState.OFF, WhyOff.FEW, 0)


async def test_a_person_stops_them_until_a_person_has_them_made_again(
    run: Run, house: Shop, clock: Clock
) -> None:
    await past(run)
    await night(run)
    with pytest.raises(NotAllowed):
        await run.perform(associate(house.places[NEAR]), change.stop_prices)
    await run.perform(SYSTEM, change.stop_prices)
    assert sites(await receipt_of(run, await bought(house, "P-1"))) == [NEAR]
    clock.forward(days=1)
    assert (await night(run)).state is PricesState.STOPPED
    assert (await make_now(run, SYSTEM)).state is PricesState.ON


async def test_rate_cards_in_several_currencies_share_no_price(run: Run, house: Shop) -> None:
    await past(run)

    async def other_brand(tx: Tx) -> None:
        euros = "replace(document, '\"USD\"', '\"EUR\"')"
        await tx.run(
            text(f"""INSERT INTO routing.versions (brand, number, name, state, document, state_since, created_at, changed_at,
              changed_by, changed_by_name) SELECT 'acme', 1, name, state, {euros}, state_since, created_at, changed_at,
              changed_by, changed_by_name FROM routing.versions""")  # noqa: S608  # constants
        )

    await run.perform(SYSTEM, other_brand)
    assert (await night(run)).why is WhyOff.CURRENCIES


async def test_a_past_that_cannot_be_read_leaves_them_off_and_says_so(run: Run, house: Shop) -> None:
    await past(run)
    nightly = Nightly()
    assert await nightly.step(run) is True
    assert nightly._making is not None
    nightly._making._pieces = _breaks()
    assert (await night(run, nightly)).why is WhyOff.BROKEN


def _breaks() -> Any:
    yield
    raise ValueError("a stored order that is none")


async def test_who_stops_them_while_they_are_being_made_has_stopped_them(run: Run, house: Shop) -> None:
    await past(run)
    nightly = Nightly()
    assert await nightly.step(run), "it has begun, and is not done"
    await run.perform(SYSTEM, change.stop_prices)
    made = await night(run, nightly)
    assert (made.state, made.why) == (PricesState.STOPPED, WhyOff.PERSON)
    await run.perform(SYSTEM, change.ask_prices)
    assert (await night(run, nightly)).state is PricesState.ON, "somebody wants them again"


async def test_an_order_that_nobody_can_read_any_more_breaks_the_prices_and_not_the_loop(
    run: Run, house: Shop
) -> None:
    """What can go wrong goes wrong while they are made, behind the transaction that looked."""
    await past(run)

    async def keep_one_of_another_time(tx: Tx) -> None:
        stored = await tx.value(text("SELECT snapshot FROM routing.receipts LIMIT 1"))
        snapshot = routing.stored.unpack(stored)
        snapshot["demand"]["wrapped"] = "in silk"
        other = {"order_id": str(UUID(int=999)), "snapshot": "\\x" + routing.stored.pack(snapshot).hex()}
        await tx.run(_COPY, {"other": json.dumps(other)})

    await run.perform(SYSTEM, keep_one_of_another_time)
    made = await night(run)
    assert (made.state, made.why) == (PricesState.OFF, WhyOff.BROKEN)


_COPY = text("""
INSERT INTO routing.receipts
SELECT (jsonb_populate_record(r, CAST(:other AS jsonb))).* FROM routing.receipts r LIMIT 1""")
