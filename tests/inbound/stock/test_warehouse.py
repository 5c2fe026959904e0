"""Files of a warehouse: full and delta, repeated, left out, doubled, cut short; drift named and repaired once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from ambidex.domains.governance import DriftCause, DriftState
from ambidex.flows import repair_drift
from ambidex.flows.shop_port import Unreadable
from ambidex.integrations.warehouse.messages import read_file
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import MovedOn
from tests.conftest import Clock
from tests.inbound.stock.feeds import Feeds
from tests.shop import Shop, associate


async def units(shop: Shop, place: str = "dc") -> int:
    return int((await shop.stock(place, "MUG-01")).sellable)


async def entries(shop: Shop, cause: str) -> int:
    async with shop.run.reading() as read:
        return int(
            await read.value(
                text("SELECT count(*) FROM inventory.ledger WHERE cause = :cause"), {"cause": cause}
            )
        )


async def test_a_delta_is_applied_once_by_its_number(feeds: Feeds, shop: Shop) -> None:
    file = feeds.file("delta", {"MUG-01": -3}, reason="shipped")
    await feeds.warehouse(file, file)
    await feeds.warehouse(file + b"\n")
    assert await units(shop) == 37
    [other] = await feeds.warehouse(feeds.file("delta", {"MUG-01": -5}, number=101))
    assert (other.state, await units(shop)) == ("parked", 37)
    assert "other content" in other.reason


async def test_a_csv_says_the_same(feeds: Feeds, shop: Shop) -> None:
    at = feeds.clock.now.isoformat()
    await feeds.warehouse(
        f"report,number,as_of,place,rows,item,change,reason\r\ndelta,1,{at},dc,1,MUG-01,-3,shipped\r\n".encode()
    )
    assert await units(shop) == 37


async def test_a_full_file_that_agrees_changes_nothing_and_counts(feeds: Feeds, shop: Shop) -> None:
    [message] = await feeds.warehouse(feeds.file("full", {"MUG-01": 40}))
    assert message.state == "applied"
    assert (await shop.stock("dc", "MUG-01")).counted_at == feeds.clock.now
    assert await feeds.drifts() == []


async def test_what_a_full_file_leaves_out_is_left_alone(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    await shop.shelf("dc", "BOWL-02", 2)
    clock.forward(minutes=1)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 40}))
    assert (await shop.stock("dc", "BOWL-02")).sellable == 2


async def test_a_complete_file_says_that_the_rest_is_not_there(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    """A little is believed like a row of nothing; much of it waits for a person, who presses one button."""
    await shop.shelf("dc", "BOWL-02", 2)
    await shop.shelf("dc", "VASE-02", 30)
    as_of = clock.forward(minutes=1)
    clock.forward(minutes=30)
    await shop.item("CUP-03")
    await feeds.warehouse(feeds.file("delta", {"CUP-03": 6}, reason="received"))
    await feeds.warehouse(feeds.file("full", {"MUG-01": 40}, as_of=as_of, about={"complete": True}))
    assert (await shop.stock("dc", "BOWL-02")).sellable == 0
    assert (await shop.stock("dc", "CUP-03")).sellable == 6, "it came after the file was made"
    [drift] = await feeds.drifts()
    assert (drift.said, drift.book, drift.authority) == (0, 30, True)
    await feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id)
    assert (await shop.stock("dc", "VASE-02")).sellable == 0


async def test_a_complete_file_with_a_name_nobody_knows_says_nothing_of_the_rest(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await shop.shelf("dc", "BOWL-02", 2)
    clock.forward(minutes=1)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 40, "HOUSE-9": 2}, about={"complete": True}))
    assert (await shop.stock("dc", "BOWL-02")).sellable == 2


async def test_a_lost_file_is_named_repaired_and_not_counted_twice_when_it_comes(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -1}, number=100, reason="shipped"))
    clock.forward(minutes=10)
    lost = feeds.file("delta", {"MUG-01": -6}, reason="shipped")
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -1}, number=102, reason="shipped"))
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 32}, number=103))
    assert await units(shop) == 40 - 1 - 1 - 6
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.certain, drift.state) == (DriftCause.LOST_FILE, True, DriftState.REPAIRED)
    assert await entries(shop, "drift: lost file") == 1
    clock.forward(hours=25)
    await feeds.warehouse(lost)
    assert await units(shop) == 32


async def test_a_delta_sent_twice_under_two_numbers_is_named(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -5}, reason="shipped"))
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -5}, reason="shipped"))
    assert await units(shop) == 30
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 35}))
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.certain) == (DriftCause.DOUBLED_DELTA, True)
    assert await units(shop) == 35


async def test_what_nothing_explains_is_proposed_and_repaired_by_one_button_once(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    assert await units(shop) == 40
    [drift] = await feeds.drifts()
    assert (drift.cause, drift.amount, drift.owner_role) == (DriftCause.UNKNOWN, -20, "supervisor")
    assert await feeds.tasks() == ["Count Mug 01", "warehouse:main and our book differ on 1 item at Dc"]
    clock.forward(minutes=1)
    await feeds.warehouse(feeds.file("delta", {"MUG-01": -2}, reason="shipped"))
    person = associate(shop.places["dc"])
    await feeds.run.perform(person, repair_drift.repair, drift_id=drift.drift_id)
    assert await units(shop) == 18
    await feeds.apply()
    assert await feeds.tasks() == []
    with pytest.raises(MovedOn):
        await feeds.run.perform(person, repair_drift.repair, drift_id=drift.drift_id)
    assert await entries(shop, "drift: unknown") == 1


async def test_a_file_that_comes_late_explains_what_was_open(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    clock.forward(minutes=10)
    at = clock.now
    clock.forward(minutes=10)
    await feeds.warehouse(feeds.file("full", {"MUG-01": 10}, number=102))
    assert len(await feeds.drifts()) == 1
    clock.forward(minutes=1)
    late = feeds.file("delta", {"MUG-01": -30}, number=101, as_of=at, reason="shipped")
    await feeds.warehouse(late)
    await feeds.watch(minutes=1)
    [drift] = await feeds.drifts(over=True)
    assert (drift.state, drift.cause) == (DriftState.EXPLAINED, DriftCause.LOST_FILE)
    assert await feeds.tasks() == []
    assert await units(shop) == 10


async def test_a_return_put_back_twice_is_named_at_the_next_count(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    await feeds.till(feeds.sale(("MUG-01", 3), transaction="R-7"))
    for _ in range(2):
        clock.forward(minutes=20)
        await feeds.till(feeds.sale(("MUG-01", 3), kind="return", receipt="R-7"))
    assert await units(shop, "camden") == 13
    clock.forward(minutes=20)
    await feeds.till(feeds.sale(("MUG-01", 10), kind="count"))
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.certain, drift.amount) == (DriftCause.DOUBLE_RESTOCK, True, -3)
    assert await units(shop, "camden") == 10


async def test_a_message_that_never_came_and_a_sale_that_came_late(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    clock.forward(minutes=10)
    late = feeds.sale(("MUG-01", 2))
    clock.forward(minutes=10)
    await feeds.till(feeds.sale(("MUG-01", 1), sequence=103), feeds.sale(("MUG-01", 1), sequence=100))
    clock.forward(minutes=10)
    await feeds.till(feeds.sale(("MUG-01", 6), kind="count", sequence=104))
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.amount) == (DriftCause.MISSED_MESSAGE, -2)
    clock.forward(hours=25)
    await feeds.till(late)
    await feeds.watch()
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.certain) == (DriftCause.LATE_SALE, True)
    assert await units(shop, "camden") == 6


async def test_a_stuck_register_is_named_and_what_it_tells_later_changes_no_shelf(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    for _ in range(3):
        await feeds.till(feeds.sale(("MUG-01", 1)))
        await feeds.watch(minutes=5)
    held_back = [feeds.sale(("MUG-01", 1), at=clock.now + timedelta(minutes=m)) for m in (1, 11, 21)]
    await feeds.watch(minutes=30)
    await feeds.till(feeds.sale(("MUG-01", 4), kind="count", register="office"))
    [drift] = await feeds.drifts(over=True)
    assert (drift.cause, drift.amount) == (DriftCause.STUCK_CONNECTOR, -3)
    clock.forward(hours=2)
    await feeds.till(*held_back)
    await feeds.watch()
    [drift] = await feeds.drifts(over=True)
    assert drift.cause == DriftCause.STUCK_CONNECTOR
    assert await units(shop, "camden") == 4


def test_a_file_that_was_cut_short_is_seen() -> None:
    whole = b'{"report":"full","number":1,"as_of":"2026-03-03T12:00:00Z","place":"dc","rows":2}\n{"item":"A","units":1}\n'
    with pytest.raises(Unreadable, match="cut short: it announces 2 rows and has 1"):
        read_file(whole)


async def test_many_supervisors_press_at_once(own_shop: Shop, clock: Clock) -> None:
    """The repair is booked once, whoever was first."""
    from ambidex.domains.locations import LocationKind

    clock.forward(hours=-2)
    await own_shop.place("dc", kind=LocationKind.WAREHOUSE)
    await own_shop.shelf("dc", "MUG-01", 40)
    clock.forward(hours=2)
    feeds = Feeds(own_shop.run, clock)
    await feeds.register()
    await feeds.warehouse(feeds.file("full", {"MUG-01": 20}))
    [drift] = await feeds.drifts()
    outcomes = await asyncio.gather(
        *(feeds.run.perform(SYSTEM, repair_drift.repair, drift_id=drift.drift_id) for _ in range(6)),
        return_exceptions=True,
    )
    assert sum(not isinstance(one, Exception) for one in outcomes) == 1
    assert await entries(own_shop, "drift: unknown") == 1
    assert await units(own_shop) == 20
