"""Works that a new limit missed are booked by a beat; what stands in no slot moves nothing, however often it is looked at."""

from __future__ import annotations

from datetime import time
from typing import Any

import pytest
from sqlalchemy import text

from ambidex.domains import promises
from ambidex.domains.promises import PromiseKind
from ambidex.flows.pause_place import LimitSaid, limit_place
from ambidex.flows.place_order import place_order
from ambidex.flows.slots import catch_up
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.flows.test_place_order import asked, wanted
from tests.shop import Shop


def counting(run: Run) -> tuple[Run, list[str]]:
    """The same, noting what was performed."""
    performed: list[str] = []

    class Counting(Run):
        async def perform(self, actor: Any, command: Any, *args: Any, **asked: Any) -> Any:
            performed.append(command.__name__)
            return await super().perform(actor, command, *args, **asked)

    return Counting(run.database, run.clock), performed


async def break_it(tx: Tx, *, order_id: Any) -> None:
    [promise] = await promises.open_promises(tx, order_id, work_no=1, kind=PromiseKind.READY_BY)
    await promises.break_(tx, promise, cause="stock")


async def unbook(tx: Tx) -> None:
    """As when it was placed by somebody who did not see the limit."""
    await tx.run(text("DELETE FROM capacity.bookings"))


@pytest.mark.parametrize(
    ("is_broken", "limit", "moved"),
    [
        (False, LimitSaid(works=2, method="pickup"), ["take_missed"]),
        (True, LimitSaid(works=2, method="pickup"), []),
        (False, LimitSaid(works=2, method="pickup", opens=time(3), until=time(4)), []),
    ],
)
async def test_only_what_can_take_a_slot_is_moved(
    run: Run, shop: Shop, *, is_broken: bool, limit: LimitSaid, moved: list[str]
) -> None:
    await shop.shelf("camden", "MUG-01", 9)
    placed = await run.perform(SYSTEM, place_order, asked(wanted(), reference="W-1"))
    if is_broken:
        await run.perform(SYSTEM, break_it, order_id=placed.order_id)
    await run.perform(SYSTEM, limit_place, code="camden", limits=[limit])
    await run.perform(SYSTEM, unbook)
    noted, performed = counting(run)
    for _ in range(2):
        await catch_up(noted)
    assert performed == moved
