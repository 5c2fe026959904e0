"""Ledger and claims as a whole: whatever is done in whatever order, the database says what a simple book says.

AMBIDEX_STATE_EXAMPLES makes more runs than the few of every day, AMBIDEX_STATE_STEPS longer ones, and
--hypothesis-seed=N other ones.
"""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from ambidex.domains import inventory
from ambidex.domains.inventory import Claim, Move, Movement, StockRow
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Database
from tests.domains.inventory.stock_model import Claimed, Held, Key
from tests.domains.inventory.two_books import KEYS, PLACES, TwoBooks, ids, nth
from tests.servers import TestServer

EXAMPLES = int(os.environ.get("AMBIDEX_STATE_EXAMPLES", "12"))
STEPS = int(os.environ.get("AMBIDEX_STATE_STEPS", "25"))
# most of it happens at one shelf, so that claims meet
keys, few, which = st.sampled_from([*[KEYS[0]] * 5, *KEYS]), st.integers(1, 4), st.integers(0, 50)
dues = st.none() | st.integers(1, 99)
ago = st.integers(0, 12).map(lambda n: timedelta(seconds=n + 0.5))


class StockMachine(TwoBooks):
    """Each rule does one thing through a real command and tells the book; then both must say the same."""

    @initialize(
        first=st.lists(st.integers(3, 9), min_size=4, max_size=4),
        promised=st.lists(st.tuples(few, dues, st.integers(0, 4)), min_size=2, max_size=4),
    )
    def a_morning(self, first: list[int], promised: list[tuple[int, int | None, int]]) -> None:
        """Shelves are counted, and some of what lies on the first is promised and partly picked."""
        for key, units in zip(KEYS, first, strict=True):
            self.count(key, units)
        for units, minutes, picked in promised:
            self.reserve([(KEYS[0], units)], minutes)
            if picked and self.all_claims():
                self.pick(len(self.all_claims()) - 1, picked)

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
        answer = self.ask(inventory.reserve, claims)
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
        answer = self.ask(inventory.hold, **said, order_id=None, line_no=None, expires_at=until)
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
        answer = self.ask(inventory.hold_to_reservation, **said)
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
        assert self.ask(inventory.release_hold, ids(key)[0], hold_id) is True
        del self.at(key).holds[hold_id]
        self.agree()

    @rule(minutes=st.integers(1, 2), swept=st.booleans())
    def time_goes_by(self, minutes: int, swept: bool) -> None:  # noqa: FBT001  # a drawn value
        self.clock.forward(minutes=minutes)
        if swept:
            self.ask(inventory.expire_holds, limit=50)
            for key in KEYS:
                self.at(key).expire(self.clock.now)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def allocate(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        said = self.at(key).claims[claim]
        self.ask(inventory.move, [self.claim(key, claim, units)], Move.ALLOCATE)
        said.allocated = min(said.units, said.allocated + units)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def pick(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        said = self.at(key).claims[claim]
        self.ask(inventory.move, [self.claim(key, claim, units)], Move.PICK)
        said.picked = min(said.units, said.picked + units)
        said.allocated = max(said.allocated, said.picked)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def release(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        answer = self.ask(inventory.move, [self.claim(key, claim, units)], Move.RELEASE)
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
        answer = self.ask(inventory.move_claims, [asked], to=PLACES[there[1]])
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
        answer = self.ask(inventory.move, [self.claim(key, claim, units)], Move.STAGE, happened_at=when)
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
        answer = self.ask(inventory.move, [self.claim(key, claim, units)], move)
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
        self.ask(inventory.move, [self.claim(key, (9999, 1), units)], Move.TAKE_BACK)
        self.at(key).staged += units
        self.book.move(key[0], "customer", "staged", units)
        self.settle(key)
        self.agree()

    @precondition(lambda self: self.all_claims())
    @rule(n=which, units=few)
    def cannot_find(self, n: int, units: int) -> None:
        key, claim = nth(self.all_claims(), n)
        answer = self.ask(inventory.move, [self.claim(key, claim, units)], Move.SUSPECT)
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
        self.ask(inventory.book, [Movement(*ids(key), *way, units, happened_at=when)], cause="told")
        self.book.move(key[0], *way, units)
        self.fact(key, -units if way[0] == "sellable" else units, when)
        if way[1] != "damaged":
            self.agree()

    @rule(key=keys, units=st.integers(0, 9))
    def count(self, key: Key, units: int) -> None:
        self.ask(inventory.count_all, [StockRow(*ids(key), units)], cause="count")
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
        self.ask(inventory.count_all, [StockRow(*ids(key), units)], cause="count", happened_at=when)
        self.book.count(key, units, when)
        self.look_which_are_suspect(key)
        self.settle(key)
        self.agree()

    @rule(key=keys)
    def rebuild(self, key: Key) -> None:
        assert self.ask(inventory.rebuild, [ids(key)]) == [], "there was nothing to mend"
        self.agree()

    def fact(self, key: Key, change: int, when: datetime | None) -> None:
        """A fact of now, or of a moment that may be before the last count."""
        if change < 0:
            self.book.leave(key, -change, when or self.clock.now)
        else:
            self.book.come(key, change, when or self.clock.now)
        if when is not None:
            self.look_which_are_suspect(key)
        self.settle(key)


def test_the_database_says_what_a_simple_book_says(server: TestServer) -> None:
    url = server.copy()
    with asyncio.Runner() as runner:
        StockMachine.runner, StockMachine.server = runner, Database(url, pool_size=1)
        wanted = settings(max_examples=EXAMPLES, stateful_step_count=STEPS)
        try:
            run_state_machine_as_test(StockMachine, settings=wanted)
        finally:
            runner.run(StockMachine.server.close())
    server.drop(url)


def test_the_comparison_notices_a_difference(server: TestServer) -> None:
    url = server.copy()
    with asyncio.Runner() as runner:
        StockMachine.runner, StockMachine.server = runner, Database(url, pool_size=1)
        machine = StockMachine()
        try:
            machine.a_morning(first=[5, 5, 5, 5], promised=[(1, 5, 0), (2, None, 1)])
            machine.rows(text("UPDATE inventory.positions SET staged = 1 RETURNING 1"))
            with pytest.raises(AssertionError):
                machine.agree()
        finally:
            machine.teardown()
            runner.run(StockMachine.server.close())
    server.drop(url)
