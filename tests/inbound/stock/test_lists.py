"""Messages of tills are applied in lists: what a list costs does not grow with its messages, and one bad one is alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from ambidex.flows import take_stock
from ambidex.runtime import inbox
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.inbound.stock.feeds import TILL, Feeds
from tests.shop import Shop


@contextmanager
def statements(run: Run) -> Iterator[list[str]]:
    """What reaches the database meanwhile."""
    seen: list[str] = []
    engine = run.database.engine.sync_engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


async def cost(feeds: Feeds, messages: int) -> int:
    for _ in range(messages):
        await feeds.send(TILL, feeds.sale(("MUG-01", 1), ("BOWL-02", 1)))
    with statements(feeds.run) as seen:
        await take_stock.apply_waiting(feeds.run, feeds.outside)
    return len(seen)


async def test_a_list_costs_the_same_for_many(feeds: Feeds, shop: Shop, clock: Clock) -> None:
    await shop.shelf("camden", "MUG-01", 500)
    await shop.shelf("camden", "BOWL-02", 500)
    clock.forward(minutes=1)
    few, many = await cost(feeds, 2), await cost(feeds, 60)
    assert many <= few + 2, f"{few} statements for 2 messages, {many} for 60"
    assert few < 60
    assert (await shop.stock("camden", "MUG-01")).sellable == 500 - 62


async def test_a_message_that_cannot_be_applied_leaves_the_list_alone(
    feeds: Feeds, shop: Shop, clock: Clock
) -> None:
    """A number beyond any shelf makes the whole list fail; it is halved until the bad one is alone and waits."""
    clock.forward(minutes=1)
    stored = []
    for n in range(9):
        sale = feeds.sale(("MUG-01", 1))
        if n == 4:
            back = [{"line": k, "kind": "return", "item": "MUG-01", "quantity": 999_999} for k in range(999)]
            huge = [
                sale | {"transaction": f"big-{k}", "sequence": 900_000 + k, "lines": back} for k in range(3)
            ]
            sale = {"transactions": huge}
        stored.append(await feeds.send(TILL, json.dumps(sale).encode()))
    await take_stock.apply_waiting(feeds.run, feeds.outside)
    async with feeds.run.reading() as read:
        states = [(await inbox.message(read, one.message_id)).state for one in stored]
    assert states == ["applied"] * 4 + ["stored"] + ["applied"] * 4
    assert (await shop.stock("camden", "MUG-01")).sellable == 2
