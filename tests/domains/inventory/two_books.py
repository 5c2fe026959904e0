"""Stock of two items at two places on the real database, beside the simple book; both must say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar
from uuid import UUID

from hypothesis.stateful import RuleBasedStateMachine
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.domains.inventory import Claim
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.problem import Problem
from ambidex.reads.audit_stock import STOCK_CHECKS
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.domains.inventory.stock_model import Book, ClaimKey, Key, Shelf, live

ITEMS = {"mug": ItemId(UUID(int=0xA1)), "lamp": ItemId(UUID(int=0xA2))}
PLACES = {"store": LocationId(UUID(int=0x51)), "other": LocationId(UUID(int=0x52))}
NAMES = {uuid: name for name, uuid in (*ITEMS.items(), *PLACES.items())}
KEYS = [(item, place) for item in ITEMS for place in PLACES]

# who owns a short is the flow's part, and its own tests'
BROKEN = text(
    " UNION ALL ".join(
        f"SELECT '{check.rule}' AS rule, x.subject, x.detail FROM ({check.sql}) AS x"  # noqa: S608  # our own checks
        for check in STOCK_CHECKS
        if "has an owner" not in check.rule
    )
)
POSITIONS = text("""
SELECT item_id, location_id, sellable, suspect, staged, damaged, reserved, held, gap FROM inventory.positions""")
SHORTS = text(
    "SELECT item_id, location_id, order_id, line_no, quantity FROM inventory.shorts WHERE closed_at IS NULL"
)
CLAIMS = text("""
SELECT item_id, location_id, order_id, line_no, quantity, allocated, picked FROM inventory.reservations
 WHERE quantity > 0""")
OUTSIDE = text("""
SELECT item_id, account, sum(units)::integer AS units FROM (
  SELECT item_id, to_account AS account, quantity AS units FROM inventory.ledger
  UNION ALL SELECT item_id, from_account, -quantity FROM inventory.ledger) AS m
 WHERE account IN ('supplier', 'customer', 'in_transit') GROUP BY item_id, account HAVING sum(units) <> 0""")


class TwoBooks(RuleBasedStateMachine):
    """The database and the simple book; `agree` compares them."""

    runner: ClassVar[asyncio.Runner]
    server: ClassVar[Database]

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.book = Book({key: Shelf() for key in KEYS})
        self.orders = 0
        self.connection: AsyncConnection = self.wait(self.server.engine.connect())
        self.transaction = self.wait(self.connection.begin())
        self.wait(self.connection.execute(text("SET CONSTRAINTS ALL DEFERRED")))
        self.house = Run(PinnedDatabase(self.connection), self.clock)

    def teardown(self) -> None:
        self.wait(self.transaction.rollback())
        self.wait(self.connection.close())

    def wait(self, awaited: Awaitable[Any]) -> Any:
        async def waited() -> Any:
            return await awaited

        return self.runner.run(waited())

    def ask(self, command: Callable[..., Awaitable[Any]], *args: Any, **said: Any) -> Any:
        """Perform it as one transaction; a refusal is an answer."""
        try:
            return self.wait(self.house.perform(SYSTEM, command, *args, **said))
        except Problem as refused:
            return refused.code

    def at(self, key: Key) -> Shelf:
        return self.book.shelves[key]

    def claim(self, key: Key, claim: ClaimKey, units: int) -> Claim:
        order, line = claim
        due = self.at(key).claims[claim].due if claim in self.at(key).claims else None
        return Claim(*ids(key), OrderId(UUID(int=order)), line, units, due)

    def settle(self, key: Key) -> None:
        self.at(key).expire(self.clock.now)
        self.at(key).settle()

    def look_which_are_suspect(self, key: Key) -> None:
        """Which units of a shelf are suspect after a late fact is not the book's business, only how many at most."""
        rows = {(NAMES[r.item_id], NAMES[r.location_id]): r for r in self.rows(POSITIONS)}
        assert 0 <= rows[key].suspect <= self.at(key).units()
        self.at(key).suspect = rows[key].suspect

    def agree(self) -> None:
        """The database says what the book says, and the audit is silent. Then a second goes by."""
        said = {named(row): tuple(row)[2:] for row in self.rows(POSITIONS)}
        for key, shelf in self.book.shelves.items():
            on_hand = (shelf.sellable, shelf.suspect, shelf.staged, shelf.damaged)
            assert said.get(key, (0,) * 7) == (*on_hand, shelf.reserved, shelf.held, shelf.gap), key
        shorts = {(named(row), (row.order_id.int, row.line_no)): row.quantity for row in self.rows(SHORTS)}
        assert shorts == self.book.told_short()
        claims = {(named(row), (row.order_id.int, row.line_no)): tuple(row)[4:] for row in self.rows(CLAIMS)}
        assert claims == {
            (key, claim): (one.units, one.allocated, one.picked)
            for key, shelf in self.book.shelves.items()
            for claim, one in shelf.claims.items()
            if one.units
        }
        outside = {(NAMES[row.item_id], row.account): row.units for row in self.rows(OUTSIDE)}
        assert outside == {account: units for account, units in self.book.outside.items() if units}
        assert self.rows(BROKEN) == []
        self.clock.forward(seconds=1)

    def rows(self, statement: Any) -> list[Any]:
        return list(self.wait(self.connection.execute(statement)))

    def all_claims(self) -> list[tuple[Key, ClaimKey]]:
        return [(key, claim) for key in KEYS for claim in live(self.at(key).claims)]

    def all_holds(self) -> list[tuple[Key, object]]:
        return [(key, hold_id) for key in KEYS for hold_id in self.at(key).holds]


def ids(key: Key) -> tuple[ItemId, LocationId]:
    return ITEMS[key[0]], PLACES[key[1]]


def named(row: Any) -> Key:
    return NAMES[row.item_id], NAMES[row.location_id]


def nth(known: list[Any], n: int) -> Any:
    return known[n % len(known)]
