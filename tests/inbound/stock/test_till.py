"""The till feed: each line once, whatever order and however often; voids, returns, counts; names nobody knows."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains import channels, governance
from ambidex.domains.governance import DriftCause, Fact
from ambidex.flows import repair_drift
from ambidex.flows.map_name import map_name
from ambidex.flows.receive import WronglySigned
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import MovedOn
from tests.conftest import Clock
from tests.inbound.stock.feeds import SECRET, TILL, Feeds
from tests.shop import Shop


async def test_a_sale_leaves_the_shelf_once(feeds: Feeds, shop: Shop) -> None:
    sold = feeds.sale(("MUG-01", 2))
    [first] = await feeds.till(sold)
    [again] = await feeds.batch(sold)
    assert (first.state, again.state) == ("applied", "applied")
    assert "1 lines booked" in first.outcome
    assert "0 lines booked" in again.outcome
    assert (await shop.stock("camden", "MUG-01")).sellable == 8


@pytest.mark.parametrize("number", [12345678901234567891, 98765432109876543210987])
async def test_a_transaction_numbered_beyond_64_bits_is_itself(feeds: Feeds, shop: Shop, number: int) -> None:
    """Two numbers that differ in the last digit are two sales, and the same one again is the same."""
    for one in (number, number + 1, number):
        [told] = await feeds.till({**feeds.sale(("MUG-01", 2)), "transaction": one})
        assert told.state == "applied", told.reason
        assert str(one).encode() in told.body
    assert (await shop.stock("camden", "MUG-01")).sellable == 6
    async with shop.run.reading() as read:
        rows = await read.all(text("SELECT DISTINCT document FROM governance.documents ORDER BY document"))
    assert [row.document for row in rows] == [str(number), str(number + 1)]


async def test_a_void_cancels_its_sale_whichever_comes_first(feeds: Feeds, shop: Shop) -> None:
    await feeds.till(feeds.sale(("MUG-01", 2), transaction="A"))
    await feeds.till(feeds.sale(kind="void", transaction="VA", voids="A"))
    assert (await shop.stock("camden", "MUG-01")).sellable == 10
    await feeds.till(feeds.sale(kind="void", transaction="VB", voids="B"))
    await feeds.till(feeds.sale(("MUG-01", 3), transaction="B"))
    assert (await shop.stock("camden", "MUG-01")).sellable == 10
    await feeds.till(
        feeds.sale(kind="void", transaction="VC", voids="C"), feeds.sale(("MUG-01", 3), transaction="C")
    )
    assert (await shop.stock("camden", "MUG-01")).sellable == 10


async def test_what_comes_back_damaged_is_not_for_sale(feeds: Feeds, shop: Shop) -> None:
    back = feeds.sale(("MUG-01", 1), kind="return", receipt="T1-90")
    back["lines"][0]["condition"] = "damaged"
    await feeds.till(back)
    stock = await shop.stock("camden", "MUG-01")
    assert (stock.sellable, stock.damaged) == (10, 1)


async def test_a_sale_from_before_a_count_is_not_subtracted_twice(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    yesterday = clock.now - timedelta(hours=25)
    offline = feeds.sale(("MUG-01", 1), at=yesterday)
    await feeds.till(feeds.sale(("MUG-01", 7), kind="count"))
    clock.forward(minutes=1)
    await feeds.till(feeds.sale(("MUG-01", 1)), offline)
    assert (await shop.stock("camden", "MUG-01")).sellable == 6


async def test_an_unknown_item_parks_only_its_line(feeds: Feeds, shop: Shop) -> None:
    [message] = await feeds.till(feeds.sale(("MUG-01", 1), ("HOUSE-9", 4)))
    assert message.state == "applied"
    assert "1 wait for a name" in message.outcome
    assert (await shop.stock("camden", "MUG-01")).sellable == 9
    assert await feeds.tasks() == ["Say what HOUSE-9 of till:main is"]
    await shop.shelf("camden", "VASE-02", 5)
    await feeds.run.perform(SYSTEM, map_name, code=TILL, kind="item", external="HOUSE-9", internal="VASE-02")
    await feeds.apply()
    assert (await shop.stock("camden", "VASE-02")).sellable == 1 + 4  # sold before it was counted
    assert await feeds.tasks() == []


async def test_a_name_found_books_all_its_lines_however_many_waited(feeds: Feeds, shop: Shop) -> None:
    thousand = [("HOUSE-9", 1)] * 1_000  # two of them are as many as are looked at together
    [message] = await feeds.batch(feeds.sale(*thousand), feeds.sale(*thousand), feeds.sale(("HOUSE-9", 1)))
    assert "2001 wait for a name" in message.outcome
    await shop.shelf("dc", "VASE-02", 1)
    await feeds.run.perform(SYSTEM, map_name, code=TILL, kind="item", external="HOUSE-9", internal="VASE-02")
    await feeds.apply()
    async with feeds.run.reading() as read:
        left = await read.value(text("SELECT count(*) FROM governance.lines WHERE state = 'waiting'"))
    assert left == 0


async def boxed(shop: Shop) -> None:
    """A set is two mugs and a vase; five vases lie at Camden."""
    await shop.shelf("camden", "VASE-02", 5)
    await shop.item("SET-01", components=(("MUG-01", 2), ("VASE-02", 1)))


async def left(shop: Shop) -> tuple[int, int]:
    """Mugs and vases on the shelf."""
    mug, vase = [await shop.stock("camden", sku) for sku in ("MUG-01", "VASE-02")]
    return mug.sellable, vase.sellable


async def test_a_kit_sold_at_a_till_is_its_components_once_and_its_void_too(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await boxed(shop)
    clock.forward(minutes=1)
    sold = feeds.sale(("SET-01", 2), transaction="A")
    await feeds.till(sold)
    assert await left(shop) == (6, 3)
    await shop.item("BOWL-02")
    await shop.item("SET-01", components=(("VASE-02", 1), ("MUG-01", 1), ("BOWL-02", 3)))
    await feeds.batch(sold, sold)
    assert await left(shop) == (6, 3), "told again, whatever the kit is made of by now"
    await feeds.till(feeds.sale(kind="void", transaction="VA", voids="A"))
    assert await left(shop) == (10, 5)


async def test_a_name_that_turns_out_to_be_a_kit_books_its_components(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await boxed(shop)
    clock.forward(minutes=1)
    await feeds.till(feeds.sale(("GIFT", 1)))
    assert await left(shop) == (10, 5)
    await feeds.run.perform(SYSTEM, map_name, code=TILL, kind="item", external="GIFT", internal="SET-01")
    await feeds.apply()
    assert await left(shop) == (8, 4)
    assert await feeds.tasks() == []


async def test_a_counted_kit_waits_for_a_better_word(feeds: Feeds, shop: Shop) -> None:
    await boxed(shop)
    [message] = await feeds.till(feeds.sale(("SET-01", 4), ("MUG-01", 9), kind="count"))
    assert "1 wait for a name" in message.outcome
    assert await left(shop) == (9, 5)
    assert await feeds.tasks() == ["Say what SET-01 of till:main is"]


async def test_a_till_whose_clock_ran_ahead_is_heard_again(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    tomorrow = clock.now + timedelta(days=1)
    await feeds.till(feeds.sale(("MUG-01", 7), kind="count", at=tomorrow))
    clock.forward(minutes=5)
    await feeds.till(feeds.sale(("MUG-01", 4), kind="count"))
    assert (await shop.stock("camden", "MUG-01")).sellable == 4


async def test_a_place_nobody_knows_parks_the_message(feeds: Feeds, shop: Shop) -> None:
    [message] = await feeds.till(feeds.sale(("MUG-01", 1), place="shop 7"))
    assert (message.state, message.owner) == ("parked", "experience")
    assert 'unknown place "shop 7"' in message.reason
    await feeds.run.perform(SYSTEM, map_name, code=TILL, kind="place", external="shop 7", internal="camden")
    await feeds.apply()
    assert (await shop.stock("camden", "MUG-01")).sellable == 9
    assert await feeds.tasks() == []


async def test_one_bad_message_does_not_hold_the_others(feeds: Feeds, shop: Shop) -> None:
    bad = await feeds.send(TILL, b'{"transactions": [{"kind": "sale"')
    good = await feeds.till(feeds.sale(("MUG-01", 1)), feeds.sale(("MUG-01", 1)))
    assert [one.state for one in good] == ["applied", "applied"]
    assert (await shop.stock("camden", "MUG-01")).sellable == 8
    assert not bad.again
    assert await feeds.tasks() == ["Repair a message of till:main"]


@pytest.mark.parametrize("late", [0, 4, 6])
async def test_a_dated_proof_is_good_for_five_minutes(feeds: Feeds, clock: Clock, late: int) -> None:
    from ambidex.flows.receive import receive
    from ambidex.integrations import signed

    body = b'{"kind": "sale"}'
    headers = signed.sign(body, SECRET, message_id="m1", at=clock.now)
    clock.forward(minutes=late)
    if late <= 5:
        await receive(feeds.run, feeds.outside, code=TILL, headers=headers, body=body)
        return
    with pytest.raises(WronglySigned):
        await receive(feeds.run, feeds.outside, code=TILL, headers=headers, body=body)


async def test_another_secret_or_another_body_is_refused(feeds: Feeds) -> None:
    with pytest.raises(WronglySigned):
        await feeds.send(TILL, feeds.sale(("MUG-01", 1)), secret="somebody-elses")
    with pytest.raises(WronglySigned):
        await feeds.send(TILL, feeds.sale(("MUG-01", 1)), secret="somebody-elses", key="m1")


async def test_what_is_said_without_authority_is_only_observed(feeds: Feeds, shop: Shop) -> None:
    [message] = await feeds.till(feeds.sale(("MUG-01", 4), place="dc"))
    assert "1 only observed" in message.outcome
    assert (await shop.stock("dc", "MUG-01")).sellable == 40
    [drift] = await feeds.drifts()
    assert (drift.kind, drift.amount, drift.cause) == ("unheard", -4, DriftCause.NO_AUTHORITY)
    assert drift.owner_role == "supervisor"


async def test_what_was_observed_is_booked_once_its_source_may_say_it(feeds: Feeds, shop: Shop) -> None:
    await feeds.till(feeds.sale(("MUG-01", 4), place="dc"))
    await feeds.till(feeds.sale(("MUG-01", 2), place="dc"))
    [drift] = await feeds.drifts()
    assert drift.amount == -6
    with pytest.raises(MovedOn):
        await feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id)
    assert (await shop.stock("dc", "MUG-01")).sellable == 40
    dc = shop.places["dc"].location_id
    await feeds.run.perform(SYSTEM, governance.change.set_authority, dc, fact=Fact.SALES, holder=TILL)
    await feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id)
    assert (await shop.stock("dc", "MUG-01")).sellable == 34
    assert await feeds.drifts() == []


async def test_what_was_observed_and_let_go_does_not_come_back(feeds: Feeds, shop: Shop) -> None:
    await feeds.till(feeds.sale(("MUG-01", 4), place="dc"))
    [drift] = await feeds.drifts()
    await feeds.run.perform(SYSTEM, repair_drift.dismiss, drift_id=drift.drift_id, reason="a wrong place")
    await feeds.till(feeds.sale(("MUG-01", 1), place="dc"))
    [drift] = await feeds.drifts()
    assert drift.amount == -1


async def test_authority_can_be_given_to_one_source(feeds: Feeds, shop: Shop) -> None:
    camden = shop.places["camden"].location_id
    await feeds.run.perform(
        SYSTEM, governance.change.set_authority, camden, fact=Fact.SALES, holder="till:other"
    )
    await feeds.till(feeds.sale(("MUG-01", 1)))
    assert (await shop.stock("camden", "MUG-01")).sellable == 10
    new = channels.NewSource(code="till:other", kind="till", channel="pos", secret=SECRET)
    await feeds.run.perform(SYSTEM, channels.register, new)
    await feeds.send("till:other", feeds.sale(("MUG-01", 1), register="9"))
    await feeds.apply()
    assert (await shop.stock("camden", "MUG-01")).sellable == 9


async def test_a_number_left_out_is_seen_and_asked_for_and_closed_when_it_comes(
    feeds: Feeds, clock: Clock
) -> None:
    lost = feeds.sale(("MUG-01", 1), sequence=102)
    await feeds.till(feeds.sale(("MUG-01", 1), sequence=101), feeds.sale(("MUG-01", 1), sequence=103))
    await feeds.watch(minutes=4)
    assert await feeds.tasks() == ["Have till:main send 102 of camden/1 again"]
    await feeds.till(lost)
    await feeds.watch()
    assert await feeds.tasks() == []


async def test_a_register_that_goes_silent_is_owned_and_heard_again(feeds: Feeds, clock: Clock) -> None:
    for _ in range(4):
        await feeds.till(feeds.sale(("MUG-01", 1)))
        await feeds.watch(minutes=5)
    assert await feeds.tasks() == []
    await feeds.watch(minutes=25)
    assert await feeds.tasks() == ["till:main says nothing any more (camden/1)"]
    await feeds.watch(minutes=25)
    await feeds.till(feeds.sale(("MUG-01", 1)))
    assert await feeds.tasks() == []


async def test_a_register_that_sleeps_with_its_shop_is_not_silent(feeds: Feeds, clock: Clock) -> None:
    clock.forward(hours=8, minutes=40)  # 20:40, closing at nine
    for _ in range(3):
        await feeds.till(feeds.sale(("MUG-01", 1)))
        await feeds.watch(minutes=5)
    await feeds.watch(hours=11)
    assert await feeds.tasks() == []
