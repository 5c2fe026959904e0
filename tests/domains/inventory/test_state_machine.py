"""Ledger and claims as a whole: whatever is done in whatever order, the database says what a simple book says.

AMBIDEX_STATE_EXAMPLES makes more runs than the few of every day, AMBIDEX_STATE_STEPS longer ones.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.domains import inventory
from ambidex.domains.inventory import Claim, Move, Movement, StockRow
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.problem import Problem
from ambidex.reads.audit_stock import STOCK_CHECKS
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.domains.inventory.stock_model import Book, Claimed, ClaimKey, Held, Key, Shelf, live
from tests.servers import TestServer

ITEMS = {"mug": ItemId(UUID(int=0xA1)), "lamp": ItemId(UUID(int=0xA2))}
PLACES = {"store": LocationId(UUID(int=0x51)), "other": LocationId(UUID(int=0x52))}
NAMES = {uuid: name for name, uuid in (*ITEMS.items(), *PLACES.items())}
KEYS = [(item, place) for item in ITEMS for place in PLACES]
EXAMPLES = int(os.environ.get("AMBIDEX_STATE_EXAMPLES", "12"))
STEPS = int(os.environ.get("AMBIDEX_STATE_STEPS", "25"))

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

keys, few, which = st.sampled_from(KEYS), st.integers(1, 4), st.integers(0, 50)
ago = st.integers(0, 12).map(lambda n: timedelta(seconds=n + 0.5))


class StockMachine(RuleBasedStateMachine):
    """Each rule does one thing through a real command and tells the book; then both must say the same."""

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

    def do(self, command: Callable[..., Awaitable[Any]], *args: Any, **said: Any) -> Any:
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

    @initialize(first=st.lists(st.integers(0, 9), min_size=4, max_size=4))
    def opening_count(self, first: list[int]) -> None:
        for key, units in zip(KEYS, first, strict=True):
            self.count(key, units)

    # ---- claims

    @rule(
        basket=st.lists(st.tuples(keys, few), min_size=1, max_size=3), minutes=st.none() | st.integers(1, 99)
    )
    def reserve(self, basket: list[tuple[Key, int]], minutes: int | None) -> None:
        self.orders += 1
        due = None if minutes is None else self.clock.now + timedelta(minutes=minutes)
        order = OrderId(UUID(int=self.orders))
        claims = [Claim(*ids(key), order, n, units, due) for n, (key, units) in enumerate(basket, 1)]
        wanted = {key: sum(units for k, units in basket if k == key) for key, _ in basket}
        answer = self.do(inventory.reserve, claims)
        if any(self.at(key).free(self.clock.now) < units for key, units in wanted.items()):
            assert answer == "sold-out"
        else:
            assert answer is None, "a false sold out"
            for key, units in wanted.items():
                self.at(key).make_room(units, self.clock.now)
            for n, (key, units) in enumerate(basket, 1):
                self.at(key).claims[self.orders, n] = Claimed(self.book.next(), due, units)
        self.agree()

    @rule(key=keys, units=few, minutes=st.integers(1, 3))
    def hold(self, key: Key, units: int, minutes: int) -> None:
        until = self.clock.now + timedelta(minutes=minutes)
        item_id, location_id = ids(key)
        said = {"item_id": item_id, "location_id": location_id, "quantity": units, "purpose": "option"}
        answer = self.do(inventory.hold, **said, order_id=None, line_no=None, expires_at=until)
        if self.at(key).free(self.clock.now) < units:
            assert answer == "not-enough"
        else:
            self.at(key).make_room(units, self.clock.now)
            self.at(key).holds[answer] = Held(self.book.next(), units, until)
        self.agree()

    @precondition(lambda self: self.all_holds())
    @rule(n=which)
    def hold_becomes_reservation(self, n: int) -> None:
        key, hold_id = nth(self.all_holds(), n)
        kept = self.at(key).holds[hold_id]
        self.orders += 1
        order = OrderId(UUID(int=self.orders))
        said = {"item_id": ids(key)[0], "hold_id": hold_id, "order_id": order, "line_no": 1}
        answer = self.do(inventory.hold_to_reservation, **said)
        if kept.until <= self.clock.now:
            assert answer == "hold-is-gone"
        else:
            del self.at(key).holds[hold_id]
            self.at(key).claims[self.orders, 1] = Claimed(self.book.next(), None, kept.units)
        self.agree()

    @precondition(lambda self: self.all_holds())
    @rule(n=which)
    def release_hold(self, n: int) -> None:
        key, hold_id = nth(self.all_holds(), n)
        assert self.do(inventory.release_hold, ids(key)[0], hold_id) is True
        del self.at(key).holds[hold_id]
        self.agree()

    @rule(minutes=st.integers(1, 2), swept=st.booleans())
    def time_goes_by(self, minutes: int, swept: bool) -> None:  # noqa: FBT001  # a drawn value
        self.clock.forward(minutes=minutes)
        if swept:
            self.do(inventory.expire_holds, limit=50)
            for key in KEYS:
                self.at(key).expire(self.clock.now)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def allocate(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        said = self.at(key).claims[claim]
        self.do(inventory.move, [self.claim(key, claim, units)], Move.ALLOCATE)
        said.allocated = min(said.units, said.allocated + units)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def pick(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        said = self.at(key).claims[claim]
        self.do(inventory.move, [self.claim(key, claim, units)], Move.PICK)
        said.picked = min(said.units, said.picked + units)
        said.allocated = max(said.allocated, said.picked)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def release(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        answer = self.do(inventory.move, [self.claim(key, claim, units)], Move.RELEASE)
        if units > self.at(key).claims[claim].units:
            assert answer == "stock-moved"
        else:
            self.at(key).cut(claim, units, picked_first=False)
            self.at(key).settle()
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which)
    def move_claim(self, n: int) -> None:
        key, claim = nth(self.all_claims(), n)
        there = (key[0], "other" if key[1] == "store" else "store")
        said = self.at(key).claims[claim]
        asked = self.claim(key, claim, said.units)
        answer = self.do(inventory.move_claims, [asked], to=PLACES[there[1]])
        if self.at(there).free(self.clock.now) < said.units:
            assert answer == "sold-out"
        else:
            assert len(answer) == 1
            known = self.at(there).claims.setdefault(claim, Claimed(self.book.next(), said.due))
            known.units += said.units
            known.due = said.due or known.due
            self.at(key).cut(claim, said.units, picked_first=False)
            for one in (key, there):
                self.settle(one)
        self.agree()

    # ---- units on their way to the customer

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few, before=st.none() | ago)
    def stage(self, n: int, units: int, before: timedelta | None) -> None:
        key, claim = nth(self.all_claims(), n)
        when = None if before is None else self.clock.now - before
        answer = self.do(inventory.move, [self.claim(key, claim, units)], Move.STAGE, happened_at=when)
        if units > self.at(key).claims[claim].units:
            assert answer == "stock-moved"
        else:
            self.at(key).cut(claim, units, picked_first=True)
            self.at(key).staged += units
            self.fact(key, -units, when)
        self.agree()

    @rule(key=keys, units=few, move=st.sampled_from([Move.UNSTAGE, Move.HAND_OVER, Move.PUT_AWAY]))
    def from_the_staging_place(self, key: Key, units: int, move: Move) -> None:
        self.orders += 1
        claim = (self.orders, 1)
        answer = self.do(inventory.move, [self.claim(key, claim, units)], move)
        if self.at(key).staged < units:
            assert answer == "stock-moved"
        else:
            self.at(key).staged -= units
            if move is Move.UNSTAGE:
                self.at(key).claims[claim] = Claimed(self.book.next(), None, units)
            if move is Move.HAND_OVER:
                self.book.move(key[0], "staged", "customer", units)
                self.settle(key)
            else:
                self.fact(key, units, None)
        self.agree()

    @rule(key=keys, units=few)
    def undo_hand_over(self, key: Key, units: int) -> None:
        self.do(inventory.move, [self.claim(key, (9999, 1), units)], Move.TAKE_BACK)
        self.at(key).staged += units
        self.book.move(key[0], "customer", "staged", units)
        self.settle(key)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def cannot_find(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        answer = self.do(inventory.move, [self.claim(key, claim, units)], Move.SUSPECT)
        shelf = self.at(key)
        if units > shelf.claims[claim].units:
            assert answer == "stock-moved"
        else:
            shelf.cut(claim, units, picked_first=False)
            shelf.suspect += min(units, shelf.sellable)
            self.settle(key)
        self.agree()

    # ---- physical facts

    @rule(key=keys, units=few, before=st.none() | ago)
    def walk_in_sale(self, key: Key, units: int, before: timedelta | None) -> None:
        self.happens(key, ("sellable", "customer"), units, before)

    @rule(key=keys, units=few, before=st.none() | ago)
    def receive(self, key: Key, units: int, before: timedelta | None) -> None:
        self.happens(key, ("supplier", "sellable"), units, before)

    @rule(key=keys, units=few, before=st.none() | ago)
    def customer_returns(self, key: Key, units: int, before: timedelta | None) -> None:
        self.happens(key, ("customer", "sellable"), units, before)

    @rule(key=keys, units=few, before=st.none() | ago)
    def damage(self, key: Key, units: int, before: timedelta | None) -> None:
        self.happens(key, ("sellable", "damaged"), units, before)
        self.at(key).damaged += units
        self.agree()

    @rule(key=keys, units=few)
    def send_elsewhere(self, key: Key, units: int) -> None:
        there = (key[0], "other" if key[1] == "store" else "store")
        self.happens(key, ("sellable", "in_transit"), units, None)
        self.happens(there, ("in_transit", "sellable"), units, None)
        self.agree()

    def happens(self, key: Key, way: tuple[str, str], units: int, before: timedelta | None) -> None:
        when = None if before is None else self.clock.now - before
        self.do(inventory.book, [Movement(*ids(key), *way, units, happened_at=when)], cause="told")
        self.book.move(key[0], *way, units)
        self.fact(key, -units if way[0] == "sellable" else units, when)
        if way[1] != "damaged":
            self.agree()

    @rule(key=keys, units=st.integers(0, 9))
    def count(self, key: Key, units: int) -> None:
        self.do(inventory.count_all, [StockRow(*ids(key), units)], cause="count")
        self.book.count(key, units, self.clock.now)
        self.at(key).suspect = 0
        self.settle(key)
        self.agree()

    @rule(key=keys, units=st.integers(0, 9), before=ago)
    def late_count(self, key: Key, units: int, before: timedelta) -> None:
        when = self.clock.now - before
        counted = [moment for moment, _, what in self.at(key).facts if isinstance(what, tuple)]
        if when in counted:
            return
        self.do(inventory.count_all, [StockRow(*ids(key), units)], cause="count", happened_at=when)
        self.book.count(key, units, when)
        self.look_which_are_suspect(key)
        self.settle(key)
        self.agree()

    @rule(key=keys)
    def rebuild(self, key: Key) -> None:
        assert self.do(inventory.rebuild, [ids(key)]) == [], "there was nothing to mend"
        self.agree()

    # ---- what must be so

    def fact(self, key: Key, change: int, when: datetime | None) -> None:
        """A fact of now, or of a moment that may be before the last count."""
        if change < 0:
            self.book.leave(key, -change, when or self.clock.now)
        else:
            self.book.come(key, change, when or self.clock.now)
        if when is not None:
            self.look_which_are_suspect(key)
        self.settle(key)

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


def test_the_database_says_what_a_simple_book_says(server: TestServer) -> None:
    url = server.copy()
    with asyncio.Runner() as runner:
        StockMachine.runner, StockMachine.server = runner, Database(url, pool_size=1)
        few_checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        wanted = settings(
            max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, suppress_health_check=few_checks
        )
        try:
            run_state_machine_as_test(StockMachine, settings=wanted)  # type: ignore[no-untyped-call]  # untyped there
        finally:
            runner.run(StockMachine.server.close())
    server.drop(url)
