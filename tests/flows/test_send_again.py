"""What did not arrive is sent again: other units, routed anew, told, paid for once; each test ends with the audit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ambidex.domains import orders
from ambidex.domains.locations import LocationKind
from ambidex.domains.shipping import PackageState
from ambidex.flows.accept_work import accept_work
from ambidex.flows.put_away import put_away
from ambidex.kernel.problem import Problem
from tests.conftest import Clock
from tests.flows.counter import scan
from tests.flows.parcels import Sender, box, sender
from tests.reads.house import audited
from tests.shop import Shop, associate
from tests.web.floor import on_the_floor
from tests.web.test_ship import KEY


@pytest.fixture
async def parcel(shop: Shop, clock: Clock) -> AsyncIterator[Sender]:
    """Two mugs and a bowl left Camden for Leeds; a warehouse has the same."""
    made = await sender(shop, clock, mug_01=2, bowl_02=1)
    await shop.place("depot", kind=LocationKind.WAREHOUSE, capabilities=frozenset({"ship"}))
    await made.until_dispatched()
    await shop.shelf("depot", "MUG-01", 5)
    await shop.shelf("depot", "BOWL-02", 5)
    yield made
    assert (await audited(shop)).violations == ()


async def sent_anew(parcel: Sender) -> list[tuple[int, str, int]]:
    """Works after the first: number, place, units wanted."""
    codes = {one.location_id: code for code, one in parcel.shop.places.items()}
    rows = await parcel.rows(
        "SELECT w.work_no, w.location_id, sum(l.wanted) AS units FROM fulfillment.work w"
        " JOIN fulfillment.work_lines l USING (order_id, work_no) WHERE w.work_no > 1 GROUP BY 1, 2 ORDER BY 1"
    )
    return [(row.work_no, codes[row.location_id], int(row.units)) for row in rows]


@pytest.mark.parametrize(
    ("told", "state", "ledger"),
    [
        # nobody knows where it is: it counts as lost
        ("in_transit", PackageState.LOST, {"found": -7, "sellable": 5, "written_off": 2}),
        # the carrier brings it back
        ("failure", PackageState.RETURNED_TO_SENDER, {"found": -7, "sellable": 5, "package": 2}),
        ("return_to_sender", PackageState.RETURNED_TO_SENDER, {"found": -7, "sellable": 5, "package": 2}),
    ],
)
async def test_the_same_goes_out_from_elsewhere_and_the_customer_is_told(
    parcel: Sender, shop: Shop, told: str, state: PackageState, ledger: dict[str, int]
) -> None:
    await parcel.tells(told)
    await parcel.chosen("send_again")
    assert (await parcel.package()).state is state
    assert await sent_anew(parcel) == [(2, "depot", 3)]
    assert await parcel.units(1) == {"reserved": 2}
    assert await parcel.ledger() == ledger
    assert [kind for kind, _ in await shop.said()][-1] == "sent-again"
    [message] = await parcel.rows("SELECT facts FROM messages.messages WHERE kind = 'sent-again'")
    assert message.facts["arrives_by"]
    assert await parcel.money_due() == 0
    asked = await parcel.rows("SELECT kind FROM watch.exceptions WHERE state = 'open'")
    assert {row.kind for row in asked} <= {"parcel-comes-back"}
    [receipt] = await parcel.rows("SELECT cause FROM routing.receipts ORDER BY decided_at DESC LIMIT 1")
    assert receipt.cause == "sent_again"


async def test_it_is_sent_again_once_and_paid_back_never(parcel: Sender) -> None:
    await parcel.tells("return_to_sender")
    await parcel.chosen("send_again")
    await parcel.chosen("send_again")
    assert await sent_anew(parcel) == [(2, "depot", 3)]
    with pytest.raises(Problem) as refused:
        await parcel.chosen("pay_back")
    assert refused.value.code == "already-sent-again"
    assert await parcel.money_due() == 0


async def test_what_is_paid_back_is_not_sent_for_nothing(parcel: Sender) -> None:
    await parcel.chosen("lost")
    with pytest.raises(Problem) as refused:
        await parcel.chosen("send_again")
    assert refused.value.code == "already-paid-back"


async def test_the_first_one_comes_back_and_is_put_away(parcel: Sender) -> None:
    await parcel.tells("failure")
    await parcel.chosen("send_again")
    await parcel.comes_back()
    assert await parcel.units(1) == {"reserved": 2}, "the order waits for the second"
    proofs = [scan("MUG-01", key="a"), scan("MUG-01", key="b"), scan("BOWL-02", key="c")]
    await parcel.perform(put_away, proofs=proofs)
    assert await parcel.ledger() == {"found": -7, "sellable": 7}


async def test_what_came_back_may_be_sent_again_from_its_own_shelf(parcel: Sender) -> None:
    await parcel.chosen("bring_back")
    await parcel.comes_back()
    assert await parcel.rows("SELECT FROM orders.orders WHERE state = 'closed'")
    await parcel.chosen("send_again")
    assert await parcel.rows("SELECT FROM orders.orders WHERE state = 'confirmed'")
    assert await parcel.units(1) == {"reserved": 2}


async def test_a_lost_one_that_is_sent_again_owes_nothing_and_may_arrive_after_all(parcel: Sender) -> None:
    await parcel.chosen("send_again")
    await parcel.tells("delivered")
    assert (await parcel.package()).state is PackageState.DELIVERED
    assert await parcel.units(1) == {"reserved": 2}
    [asked] = await parcel.rows("SELECT owner_role FROM watch.exceptions WHERE kind = 'parcel-arrived-twice'")
    assert asked.owner_role == "agent"


async def test_one_on_its_way_back_that_is_lost_then_is_only_written_off(parcel: Sender) -> None:
    await parcel.tells("failure")
    await parcel.chosen("send_again")
    await parcel.chosen("lost")
    assert await parcel.money_due() == 0
    assert await parcel.units(1) == {"reserved": 2}
    assert await parcel.ledger() == {"found": -7, "sellable": 5, "written_off": 2}


async def test_the_second_parcel_arrives_and_the_order_is_over(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("failure")
    await parcel.chosen("send_again")
    await parcel.comes_back()
    proofs = [scan("MUG-01", key="a"), scan("MUG-01", key="b"), scan("BOWL-02", key="c")]
    await parcel.perform(put_away, proofs=proofs)
    await second_leaves(parcel, shop)
    await parcel.tells("delivered", 2)
    assert await parcel.units(1) == {"delivered": 2}
    assert await parcel.rows("SELECT FROM orders.orders WHERE state = 'closed'")
    assert await parcel.ledger() == {"found": -7, "customer": 2, "sellable": 5}


async def test_the_customer_sees_that_it_comes_again(parcel: Sender, shop: Shop) -> None:
    await parcel.tells("failure")
    await parcel.chosen("send_again")
    async with on_the_floor(shop) as floor:
        page = await floor.page(orders.customer_link(KEY, parcel.order_id, 1))
    assert "We send the same again. You pay nothing for it." in page
    assert "Being prepared" in page
    assert "something went wrong" not in page
    assert "in two parcels" not in page
    assert "Part 1 of 2" not in page
    assert page.index("Being prepared") < page.index("Comes back"), "what comes stands first"


async def second_leaves(parcel: Sender, shop: Shop) -> None:
    """The work of the depot is picked, packed and dispatched."""
    tomasz, depot = associate(shop.places["depot"], actor_id="tomasz"), shop.places["depot"]
    parcel.ines = tomasz
    await parcel.perform(accept_work, work_no=2)
    await parcel.pick(work_no=2)
    await parcel.pack_and_send(2, at=depot.location_id)


async def test_the_shop_hears_once_that_a_unit_left_and_the_customer_of_both(
    parcel: Sender, shop: Shop
) -> None:
    await parcel.rows('UPDATE channels.sources SET speakers = \'{"shipped": "platform"}\' RETURNING 1')
    await parcel.chosen("send_again")
    await second_leaves(parcel, shop)
    said = await parcel.rows(
        "SELECT speaker, facts FROM messages.messages WHERE kind = 'shipped' ORDER BY message_no"
    )
    assert [row.speaker for row in said] == ["us", "us"]
    assert said[1].facts["parcel"]["tracking_number"] == (await parcel.package(2)).tracking_number
    told = await parcel.rows("SELECT fact_key, facts FROM channels.tellings ORDER BY telling_no")
    assert [row.fact_key for row in told] == ["shipped:1", "followed:2"]
    first, second = (row.facts["tracking"] for row in told)
    assert (second["instead_of"], second["number"]) == (
        [first["number"]],
        (await parcel.package(2)).tracking_number,
    )


async def test_what_nobody_has_is_parked_with_a_day(shop: Shop, clock: Clock) -> None:
    parcel = await sender(shop, clock, mug_01=2)
    await parcel.until_dispatched(box())
    await parcel.chosen("send_again")
    assert await parcel.units(1) == {"backordered": 2}
    kinds = [kind for kind, _ in await shop.said()]
    assert kinds[-2:] == ["waiting", "sent-again"]
    assert (await parcel.owner()).role == "experience"
    assert (await audited(shop)).violations == ()


async def test_only_who_may_sends_again(parcel: Sender, shop: Shop) -> None:
    stranger = associate(await shop.place("hackney"), actor_id="tomasz")
    with pytest.raises(Problem) as refused:
        await parcel.chosen("send_again", by=stranger)
    assert refused.value.code == "not-allowed"
