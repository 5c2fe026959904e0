"""Kill: servers, worker and PostgreSQL die at named points and at random while orders come in and are worked on.

Nothing that was answered with yes may be lost, nothing done twice, no customer written to twice, and every subscriber of
a feed ends with the truth. Three controls must be caught: a server that answers before it commits loses orders, a sender
that guesses after a crash writes twice, a cursor moved before the delivery leaves a channel with an old number.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ambidex.entry.migrate import migrate
from ambidex.integrations.mail.mailbox import Mailbox
from ambidex.runtime import postgres
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.free_ports import free_port
from tests.rigs.kill_close import Closing, close
from tests.rigs.kill_feeds import Doubles
from tests.rigs.kill_load import Load
from tests.rigs.kill_programs import Installation, Program
from tests.rigs.kill_shop import Tokens, build

SERVER_POINTS = ("before-commit", "after-commit")
WORKER_POINTS = (
    "publisher-before-commit", "publisher-after-commit", "reaction-applied", "message-leased", "message-before-carry",
    "message-after-carry", "before-commit", "after-commit", "stock-published", "feed-decided", "feed-before-send",
    "feed-after-send",
)  # fmt: skip
AT_RANDOM = "at random"
AFTER_AN_ANSWER = "after an answer"
DIES_WITHIN_SECONDS = 60
BACK_WITHIN_SECONDS = 60
BUYERS = 4


@dataclass(frozen=True)
class Kill:
    """Who dies where."""

    target: str
    point: str


@dataclass
class Verdict:
    """What the run showed. `again` is how long nobody got an answer, by target, at worst, in seconds."""

    seed: int
    kills: int = 0
    missed: int = 0
    again: dict[str, float] = field(default_factory=dict)
    by_point: dict[str, int] = field(default_factory=dict)
    closing: Closing | None = None

    @property
    def ok(self) -> bool:
        return self.closing is not None and self.closing.ok and not self.missed

    def json(self) -> dict[str, Any]:
        return {"ok": self.ok, **asdict(self)}


def plan(kills: int, seed: int) -> list[Kill]:
    """Every named point in turn and as many deaths at random, shuffled by the seed."""
    named = [Kill("server", point) for point in SERVER_POINTS] + [Kill("worker", p) for p in WORKER_POINTS]
    random_ones = [Kill(target, AT_RANDOM) for target in ("server", "worker", "postgres", "postgres")]
    all_of_them = (named + random_ones) * (kills // (len(named) + len(random_ones)) + 1)
    chance = random.Random(seed)
    chosen = all_of_them[:kills]
    chance.shuffle(chosen)
    return chosen


async def rig(
    kills: Sequence[Kill], *, seed: int, early: bool = False, guesses: bool = False, moves_early: bool = False
) -> Verdict:
    """Run it all. `early`, `guesses` and `moves_early` are the controls."""
    verdict, doubles = Verdict(seed), Doubles()
    async with _installation() as (house, run, tokens):
        words = ("-m", "tests.rigs.kill_early") if early else ()
        for _ in range(2):
            house.add_server(*words)
        if moves_early:
            house.replace_worker("-m", "tests.rigs.kill_feed_early")
        await doubles.open(run)
        for program in (*house.servers, house.worker):
            program.begin()
        load = Load(house.ports, buyer=tokens.buyer, staff=tokens.staff, seed=seed)
        load.begin(BUYERS)
        try:
            await _until_answered(load, after=time.monotonic(), seconds=BACK_WITHIN_SECONDS)
            for kill in kills:
                await _kill(kill, house, load, verdict)
            await _until_told(doubles)
            await asyncio.wait_for(load.end(), BACK_WITHIN_SECONDS)
            await asyncio.to_thread(house.worker.kill)
        finally:
            house.end()
        await run.database.engine.dispose()  # its connections died with the server
        verdict.closing = await close(run, house, load.answers, doubles=doubles, guesses=guesses)
        doubles.close()
    return verdict


async def _kill(kill: Kill, house: Installation, load: Load, verdict: Verdict) -> None:
    chance = random.Random(f"{verdict.seed} {verdict.kills}")
    program = {"server": chance.choice(house.servers), "worker": house.worker}.get(kill.target)
    if kill.point == AFTER_AN_ANSWER:
        await _until_ordered(load)
    elif kill.point != AT_RANDOM:
        assert program is not None
        await _restart(program, f"{kill.point}:{chance.randrange(1, 6)}")
        died = await _until_dead(program)
        verdict.missed += not died
    else:
        await asyncio.sleep(chance.uniform(0.2, 1.5))
    if program is None:
        house.kill_postgres()
    began = time.monotonic()
    if program is not None:
        await _restart(program)
    again = await _until_answered(load, after=began, seconds=BACK_WITHIN_SECONDS)
    name = f"{kill.target} {kill.point}"
    verdict.kills += 1
    verdict.by_point[name] = verdict.by_point.get(name, 0) + 1
    verdict.again[kill.target] = round(max(again, verdict.again.get(kill.target, 0)), 2)
    answered = len(load.answers.orders)
    print(
        f"{verdict.kills:3} {name:32} back in {again:5.2f} s, {answered} orders", file=sys.stderr, flush=True
    )


async def _restart(program: Program, crash_at: str = "") -> None:
    await asyncio.to_thread(program.kill)
    program.begin(crash_at)


async def _until_dead(program: Program) -> bool:
    """Whether it died at its point in time."""
    for _ in range(DIES_WITHIN_SECONDS * 20):
        if program.is_dead:
            return True
        await asyncio.sleep(0.05)
    return False


async def _until_ordered(load: Load) -> None:
    """Until somebody was just told that an order is placed: whoever says so too early has it to lose now."""
    before = len(load.answers.orders)
    for _ in range(BACK_WITHIN_SECONDS * 200):
        if len(load.answers.orders) > before:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"nobody could order for {BACK_WITHIN_SECONDS} s")


async def _until_answered(load: Load, *, after: float, seconds: float) -> float:
    """How long it took until a call begun after that moment was answered."""
    for _ in range(int(seconds * 50)):
        again = load.answers.working_again(after)
        if again is not None:
            return again
        await asyncio.sleep(0.02)
    raise AssertionError(f"nobody was answered for {seconds} s")


async def _until_told(doubles: Doubles) -> None:
    """Until subscribers hear again, so that the last death finds a worker in the middle of sending."""
    before = sum(double.messages for double in doubles.all)
    for _ in range(BACK_WITHIN_SECONDS * 20):
        if sum(double.messages for double in doubles.all) > before:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"no subscriber was told anything for {BACK_WITHIN_SECONDS} s")


@asynccontextmanager
async def _installation() -> AsyncIterator[tuple[Installation, Run, Tokens]]:
    """A data folder with its database and shop, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ambidex-kill-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        address = await postgres.ensure_server(folder)
        await migrate(address.owner)
        database = Database(address.app, pool_size=2)
        run = Run(database)
        mailbox = Mailbox(folder / "mail", port=free_port())
        mailbox.start()
        try:
            yield Installation(folder, mailbox.port), run, await build(run)
        finally:
            mailbox.stop()
            await database.close()
            await postgres.remove_server(folder)


async def controls(seed: int) -> dict[str, bool]:
    """Whether each control was caught doing what it must not."""
    early = await rig([Kill("postgres", AFTER_AN_ANSWER)], seed=seed, early=True)
    guesses = await rig([Kill("worker", "message-after-carry")], seed=seed, guesses=True)
    moved = await rig([Kill("worker", AT_RANDOM)], seed=seed, moves_early=True)
    assert early.closing is not None
    assert guesses.closing is not None
    assert moved.closing is not None
    return {
        "early": early.closing.lost > 0,
        "guesses": guesses.closing.mails_doubled > 0,
        "cursor moved early": moved.closing.told.feed_wrong > 0,
    }


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="only the last line")


def run(asked: argparse.Namespace) -> int:
    """The long form with its controls; 1 when something was lost or doubled, or a control was not caught."""
    verdict = asyncio.run(rig(plan(asked.kills, asked.seed), seed=asked.seed))
    caught = asyncio.run(controls(asked.seed))
    ok = verdict.ok and all(caught.values())
    if not asked.json:
        print(table(verdict, caught))
    print(json.dumps({**verdict.json(), "controls_caught": caught, "ok": ok}, default=str))
    return 0 if ok else 1


def table(verdict: Verdict, caught: dict[str, bool]) -> str:
    """For a person, and for docs/quality."""
    closing = verdict.closing
    assert closing is not None
    rows: list[tuple[str, Any]] = [
        ("seed", verdict.seed),
        ("kills", verdict.kills),
        ("points never reached", verdict.missed),
    ]
    rows += [(f"killed: {name}", count) for name, count in sorted(verdict.by_point.items())]
    rows += [
        (f"answered again after {name}, at worst", f"{seconds} s") for name, seconds in verdict.again.items()
    ]
    counted = asdict(closing)
    counted |= counted.pop("told")
    rows += [(name.replace("_", " "), value) for name, value in counted.items()]
    rows += [(f"control caught: {name}", value) for name, value in caught.items()]
    return "\n".join(f"| {name} | {value} |" for name, value in rows)
