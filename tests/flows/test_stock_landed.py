"""Stock lands, and customers who wait are served by the written rule: before anybody new, told as before, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains.inventory import SoldOut
from ambidex.flows import choose_option
from ambidex.flows.cancel import cancel
from ambidex.flows.place_order import Placed, place_order
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.write_rules import RuleSaid, write_rule
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId
from ambidex.reads.audit import audit
from ambidex.reads.waiting import waiting_lines
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop

_UNDER_WAY = text("""
WITH sent AS (
  INSERT INTO transfers.deliveries
         (delivery_id, kind, reference, purpose, from_id, to_id, state, order_id, made_by, made_at)
  VALUES (gen_random_uuid(), 'transfer', 'T-1', 'order', gen_random_uuid(), :to, 'in_transit', :order, 'ines', now())
  RETURNING delivery_id)
INSERT INTO transfers.lines (delivery_id, line_no, item_id, asked, order_line)
SELECT delivery_id, 1, :item, 1, 1 FROM sent""")


async def waits(shop: Shop, name: str, *units: int) -> OrderId:
    """Somebody bought at a shop, in so many lines, what was not there any more, and chose to wait for it."""
    new = asked(*(wanted(quantity=n) for n in units), reference=name, source="marketplace:main")
    placed: Placed = await shop.run.perform(SYSTEM, place_order, new, sold_elsewhere=True)
    async with shop.run.reading() as read:
        promise_no = await read.value(
            text("SELECT promise_no FROM promises.promises WHERE order_id = :o AND kind = 'answer_by'"),
            {"o": placed.order_id},
        )
    await shop.run.perform(
        SYSTEM, choose_option.choose, order_id=placed.order_id, promise_no=promise_no, option="wait"
    )
    return placed.order_id


async def served(shop: Shop) -> dict[str, tuple[int, int]]:
    """By reference: units reserved and units that still wait."""
    async with shop.run.reading() as read:
        rows: Any = await read.all(
            text("""SELECT o.reference, sum(l.q_reserved) AS reserved, sum(l.q_backordered) AS waits
                      FROM orders.orders o JOIN orders.lines l USING (order_id) GROUP BY o.reference""")
        )
    return {row.reference: (int(row.reserved), int(row.waits)) for row in rows}


async def landed(shop: Shop, units: int) -> None:
    await shop.shelf("camden", "MUG-01", units)
    await settle(shop.run, REACTIONS)


@pytest.fixture
async def camden(shop: Shop) -> Shop:
    await shop.shelf("camden", "MUG-01", 0)
    return shop


async def test_who_waits_is_served_in_turn_whole_and_told(run: Run, camden: Shop, clock: Clock) -> None:
    await waits(camden, "AMA", 2)
    clock.forward(minutes=1)
    await waits(camden, "BO", 1)
    clock.forward(minutes=1)
    await waits(camden, "CHI", 2)
    await landed(camden, 3)

    assert await served(camden) == {"AMA": (2, 0), "BO": (1, 0), "CHI": (0, 2)}
    assert [kind for kind, _ in await camden.said()].count("choice-confirmed") == 3 + 2
    async with run.reading() as read:
        assert (await audit(read)).violations == ()
    await landed(camden, 3)
    assert await served(camden) == {"AMA": (2, 0), "BO": (1, 0), "CHI": (0, 2)}, (
        "the same again gives nothing twice"
    )


async def test_a_later_smaller_line_passes_while_there_is_time_and_no_longer(
    camden: Shop, clock: Clock
) -> None:
    await waits(camden, "AMA", 3)
    clock.forward(minutes=1)
    await waits(camden, "BO", 1)
    await landed(camden, 1)
    assert await served(camden) == {"AMA": (0, 3), "BO": (1, 0)}

    await waits(camden, "CHI", 1)
    clock.forward(hours=30)
    await landed(camden, 3)
    assert await served(camden) == {"AMA": (0, 3), "BO": (1, 0), "CHI": (0, 1)}, (
        "units gather for who is overdue"
    )
    await landed(camden, 4)
    assert await served(camden) == {"AMA": (3, 0), "BO": (1, 0), "CHI": (0, 1)}


async def test_nobody_new_takes_what_others_wait_for(run: Run, camden: Shop) -> None:
    await waits(camden, "AMA", 2)
    await camden.shelf("camden", "MUG-01", 2)
    with pytest.raises(SoldOut):
        await run.perform(SYSTEM, place_order, asked(reference="NEW-1"))
    await settle(run, REACTIONS)
    assert await served(camden) == {"AMA": (2, 0)}


async def test_a_canceled_order_serves_who_waits_also_from_safety_stock(run: Run, shop: Shop) -> None:
    await shop.shelf("camden", "MUG-01", 2)
    first: Placed = await run.perform(SYSTEM, place_order, asked(wanted(quantity=2), reference="FIRST"))
    await waits(shop, "AMA", 2)
    await run.perform(SYSTEM, write_rule, RuleSaid("safety", 1, item="MUG-01"))
    await run.perform(SYSTEM, cancel, first.order_id, reason="changed their mind")
    await settle(run, REACTIONS)
    assert await served(shop) == {"FIRST": (0, 0), "AMA": (2, 0)}


async def test_when_the_one_units_gather_for_gives_up_the_next_is_served(
    run: Run, camden: Shop, clock: Clock
) -> None:
    ama = await waits(camden, "AMA", 3)
    clock.forward(hours=30)
    await waits(camden, "BO", 1)
    await landed(camden, 1)
    assert await served(camden) == {"AMA": (0, 3), "BO": (0, 1)}
    await run.perform(SYSTEM, cancel, ama, reason="too long")
    await settle(run, REACTIONS)
    assert await served(camden) == {"AMA": (0, 0), "BO": (1, 0)}


async def test_units_under_way_at_the_head_of_the_queue_hide_nobody(camden: Shop, clock: Clock) -> None:
    sent = await waits(camden, "AMA", 1)
    clock.forward(minutes=1)
    behind = await waits(camden, "BO", 1)
    position = (camden.items["MUG-01"].item_id, camden.places["camden"].location_id)
    async with camden.run.reading() as read:
        assert [one.order_id for one in await waiting_lines(read, [position], each_max=1)] == [sent]
        await read.connection.execute(_UNDER_WAY, {"order": sent, "to": position[1], "item": position[0]})
        assert [one.order_id for one in await waiting_lines(read, [position], each_max=1)] == [behind]
