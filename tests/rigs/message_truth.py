"""Message truth: canceling races *ready* while letters go out; no customer is left believing what is not so.

The carrier double writes down what each customer read, in order; every third letter it is busy at first, as mail
servers are. The control is a sender as one would write it at first: it takes what is queued, once, puts aside what the
server is too busy for and says it later, without the order's lock and without a second look. Its server is too busy for
every "ready" at first, and every fourth customer cancels while it is carried, so it contradicts the truth for certain.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import tempfile
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from ambidex.domains.messages import Attempt, Letter, MessageKind, Outcome
from ambidex.entry.audit import audit
from ambidex.flows.cancel import cancel
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.tell_customer import Telling
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from tests.conftest import Clock
from tests.flows.counter import CODES, Counter, counter
from tests.servers import running_server
from tests.shop import Shop

STOPS = frozenset({MessageKind.CANCELED, MessageKind.CORRECTION})
TRIES_MAX = 200
BUSY_SHARE = 1 / 3
# a letter that the server is too busy for is read much later: such a customer does not wait for it
TOLD_WITHIN_SECONDS = 2
SENDERS = 3
LETTER = Letter("", "", "", "")


@dataclass
class Readers:
    """A carrier whose customers read at once; each keeps the kinds in the order they came."""

    chance: random.Random
    read: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    keys: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    carrying: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    told: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    # what the control has taken, and what it says later
    taken: set[str] = field(default_factory=set)
    aside: list[str] = field(default_factory=list)
    busy_for_ready: bool = False

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        del letter, to, to_name
        order, _, kind = key.partition(".")
        order = order.rpartition("-")[0]
        if kind == MessageKind.READY:
            self.carrying[order].set()
        await asyncio.sleep(self.chance.uniform(0, 0.01))
        if key not in self.asked and self._is_busy(kind):
            self.asked.add(key)
            return Attempt(Outcome.TRY_AGAIN, "450 busy")
        self.read[order].append(kind)
        self.keys.append(key)
        if kind == MessageKind.READY:
            self.told[order].set()
        return Attempt(Outcome.TAKEN, "250 read")

    def _is_busy(self, kind: str) -> bool:
        if self.busy_for_ready:
            return kind == MessageKind.READY
        return self.chance.random() < BUSY_SHARE

    async def arrived(self, key: str) -> bool | None:
        return key in self.keys


@dataclass
class Verdict:
    """What the races showed."""

    seed: int
    races: int
    canceled: int
    withdrawn: int
    read_ready: int
    contradicted: list[str]
    doubled: int

    @property
    def honest(self) -> bool:
        """Nobody was contradicted and nobody told twice."""
        return not self.contradicted and not self.doubled

    def as_json(self) -> dict[str, Any]:
        return {**self.__dict__, "contradicted": len(self.contradicted)}


Sender = Callable[[Run, Readers], Awaitable[int]]


async def honest(run: Run, readers: Readers) -> int:
    """Our sender."""
    return await Telling(
        run=run, carrier=readers, base_url="http://shop", brand="Marrow & Finch", key=CODES.key
    ).send_due()


async def naive(run: Run, readers: Readers) -> int:
    """The control: what is queued is sent, all at once, and marked afterwards; what was put aside is said at the end."""
    readers.busy_for_ready = True
    async with run.reading() as read:
        rows = await read.all(
            text("SELECT order_id, message_no, kind FROM messages.messages WHERE state = 'queued' LIMIT 500")
        )
    fresh = [row for row in rows if _key(row) not in readers.taken]
    readers.taken.update(map(_key, fresh))
    await asyncio.gather(*(_send_naively(run, readers, row) for row in fresh))
    return len(fresh)


async def at_last(readers: Readers) -> None:
    """The server has time for what it was too busy for."""
    for key in readers.aside:
        await readers.carry(LETTER, to="", to_name="", key=key)


def _key(row: Any) -> str:
    return f"{row.order_id.hex}-{row.message_no}.{row.kind}"


async def _send_naively(run: Run, readers: Readers, row: Any) -> None:
    attempt = await readers.carry(LETTER, to="", to_name="", key=_key(row))
    if attempt.outcome is Outcome.TRY_AGAIN:
        readers.aside.append(_key(row))
        readers.told[row.order_id.hex].set()  # so it believes
    done = text(
        "UPDATE messages.messages SET state = 'sent', next_at = NULL "
        "WHERE state = 'queued' AND order_id = :order AND message_no = :number"
    )
    async with run.database.engine.begin() as connection:
        await connection.execute(done, {"order": row.order_id, "number": row.message_no})


async def races(shop: Shop, *, count: int, seed: int, sender: Sender) -> Verdict:
    """Run `count` races, a few at a time, and judge what the customers were left with."""
    chance = random.Random(seed)  # a rig, not a secret
    readers = Readers(chance)
    stories = [await _staged(shop, stock=count) for _ in range(count)]
    await _drain(shop, readers, sender)
    stop = asyncio.Event()
    sending = [asyncio.create_task(_keep_sending(shop.run, readers, sender, stop)) for _ in range(SENDERS)]
    for at in range(0, count, 10):
        some = enumerate(stories[at : at + 10], start=at)
        await asyncio.gather(*(_race(story, readers, number) for number, story in some))
    stop.set()
    await asyncio.gather(*sending)
    await _drain(shop, readers, sender)
    await at_last(readers)
    return await _judge(shop.run, readers, seed=seed, count=count)


async def _staged(shop: Shop, *, stock: int) -> Counter:
    at = await counter(shop, stock=stock, mug_01=1)
    await at.accept()
    await at.pick()
    await at.stage()
    return at


async def _race(story: Counter, readers: Readers, number: int) -> None:
    """Cancel in one of four moments, each in turn: while the letter is carried, when ready, after it was read, at once."""
    order, run, chance = story.order_id.hex, story.run, readers.chance
    is_ready = asyncio.Event()
    told = readers.told[order]
    moment = [readers.carrying[order], is_ready, told, None][number % 4]

    async def make_it_ready() -> None:
        with contextlib.suppress(Problem):
            await story.ready()
        is_ready.set()

    async def cancel_it() -> None:
        if moment is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(moment.wait(), TOLD_WITHIN_SECONDS if moment is told else None)
        await asyncio.sleep(chance.uniform(0, 0.004))
        await run.perform(SYSTEM, cancel, story.order_id, reason="The customer asked for it.")

    await asyncio.gather(make_it_ready(), cancel_it())


async def _keep_sending(run: Run, readers: Readers, sender: Sender, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await sender(run, readers)
        await asyncio.sleep(0.002)


async def _drain(shop: Shop, readers: Readers, sender: Sender) -> None:
    """Send until nothing is left, also what waits for a busy server: the clock of the rig moves on twice."""
    for _ in range(3):
        for _ in range(TRIES_MAX):
            if not await sender(shop.run, readers):
                break
        clock = shop.run.clock
        assert isinstance(clock, Clock)
        clock.forward(minutes=2)


async def _judge(run: Run, readers: Readers, *, seed: int, count: int) -> Verdict:
    async with run.reading() as read:
        rows = await read.all(text("SELECT order_id, state FROM orders.orders"))
        withdrawn = await read.value(
            text("SELECT count(*) FROM messages.messages WHERE kind = 'ready' AND state = 'withdrawn'")
        )
    canceled = {row.order_id.hex for row in rows if row.state == "canceled"}
    wrong = [order for order in canceled if contradicted(readers.read[order])]
    return Verdict(
        seed=seed,
        races=count,
        canceled=len(canceled),
        withdrawn=int(withdrawn or 0),
        read_ready=sum("ready" in kinds for kinds in readers.read.values()),
        contradicted=wrong,
        doubled=len(readers.keys) - len(set(readers.keys)),
    )


def contradicted(kinds: list[str]) -> bool:
    """This order is canceled, but its customer read "ready" after the truth, or never read the truth at all."""
    first_stop = min((i for i, kind in enumerate(kinds) if kind in STOPS), default=len(kinds))
    last_ready = max((i for i, kind in enumerate(kinds) if kind == MessageKind.READY), default=-1)
    return last_ready > first_stop or (last_ready >= 0 and first_stop == len(kinds))


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--races", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form: our sender, then the control, then the closing audit of the honest database."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
        server = stack.enter_context(running_server(given, Path(folder)))
        ours, violations = asyncio.run(_alone(server.copy("truth"), asked, sender=honest))
        control, _ = asyncio.run(_alone(server.copy("untruth"), asked, sender=naive))
    kept = ours.honest and not violations
    shown = {
        "name": "message_truth",
        "ok": kept and not control.honest,
        **ours.as_json(),
        "audit_violations": violations,
        "control_contradicted": len(control.contradicted),
        "control_doubled": control.doubled,
    }
    for name, value in shown.items():
        print(f"{name:22} {value}")
    if asked.json:
        print(json.dumps(shown))
    return 0 if shown["ok"] else 1


async def _alone(url: str, asked: argparse.Namespace, *, sender: Sender) -> tuple[Verdict, int]:
    database = Database(url, pool_size=20)
    try:
        performed = Run(database, Clock())
        verdict = await races(Shop(performed), count=asked.races, seed=asked.seed, sender=sender)
        await settle(performed, REACTIONS)
        report = await audit(performed)
        return verdict, len(report.violations)
    finally:
        await database.close()
