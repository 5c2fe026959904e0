"""Oversell: buyers outnumber units, through HTTP, on one server program and on two, in plain and in hard shapes.

Exactly the units there are get sold, everybody else hears "sold out" and is right, nobody a 5xx, and the books balance
afterwards. The controls must fail: a shop that reads the stock and then writes it back sells more than it has, and one
that locks the rows of a basket as they come locks in circles.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ambidex.entry.audit import audit
from ambidex.entry.migrate import migrate
from ambidex.runtime import postgres
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from ambidex.runtime.publisher import publish_all
from tests.free_ports import free_port
from tests.rigs.kill_programs import Installation
from tests.rigs.kill_shop import ALWAYS, build
from tests.rigs.oversell_rush import PLACE, Crowd, Round, Rush
from tests.rigs.oversell_shapes import SHAPES, one_item
from tests.shop import Shop

UP_WITHIN_SECONDS = 60
LOG_TAIL = 4000
NAIVE = ("-m", "tests.rigs.oversell_naive")


@dataclass
class Verdict:
    """What the run showed."""

    seed: int
    rounds: list[Round] = field(default_factory=list)
    control: Round | None = None
    circles: int = 0
    """Buyers whom the control that locks as they come could not serve, because it had locked in circles."""
    violations: int = -1

    @property
    def ok(self) -> bool:
        caught = self.control is not None and self.control.oversold and self.circles > 0
        return bool(self.rounds) and all(r.exact for r in self.rounds) and caught and self.violations == 0

    def json(self) -> dict[str, Any]:
        rounds = [one.json() for one in self.rounds]
        control = None if self.control is None else self.control.json()
        return {
            "name": "oversell",
            "ok": self.ok,
            "seed": self.seed,
            "rounds": rounds,
            "control": control,
            "control_locked_in_circles": self.circles,
            "audit_violations": self.violations,
        }


async def rig(
    *, seed: int, buyers: int = 200, units: int = 50, rounds: int = 1, told: Callable[[Round], object] = id
) -> Verdict:
    """All rounds, the controls and the closing audit, on a database of their own.

    Each round is a rush for one item, on one server program or on two, and one of the hard shapes on two; all of these
    in the first round when there are fewer rounds than shapes.
    """
    verdict = Verdict(seed)
    chance = random.Random(seed)
    async with _installation() as (installation, shop, tokens):
        for number in range(rounds):
            turn = SHAPES if rounds < len(SHAPES) else [SHAPES[number % len(SHAPES)]]
            for nth, shape in enumerate((one_item, *turn)):
                programs = 1 + number % 2 if shape is one_item else 2
                rush = Rush(shop, installation.ports[:programs], tokens, seed)
                crowd = Crowd(f"{number}-{nth}", buyers, units)
                verdict.rounds.append(await shape(rush, crowd, chance))
                told(verdict.rounds[-1])
        await _controls(verdict, installation, shop, Crowd("control", buyers, units))
        await publish_all(shop.run.database)
        verdict.violations = len((await audit(shop.run)).violations)
    return verdict


async def _controls(verdict: Verdict, installation: Installation, shop: Shop, crowd: Crowd) -> None:
    """The same rush at a shop that reads the stock and writes it back, and that locks rows as they come."""
    installation.add_server(*NAIVE)
    program, port = installation.servers[-1], installation.ports[-1]
    program.environment |= {"NAIVE_DATABASE_URL": shop.run.database.url, "NAIVE_UNITS": str(crowd.units)}
    program.begin()
    await _until_up(port)
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=64)) as client:
        at = f"http://127.0.0.1:{port}"
        answers = await asyncio.gather(*(client.post(f"{at}/buy") for _ in range(crowd.buyers)))
        verdict.control = Round("control: read, then write", 1, crowd.buyers, crowd.units)
        verdict.control.heard = Counter(answer.status_code for answer in answers)
        verdict.control.sold_units = verdict.control.heard[201]
        pairs = [client.post(f"{at}/pair", params={"first": str(n % 2)}) for n in range(crowd.units)]
        verdict.circles = sum(
            answer.json().get("code") == "deadlock" for answer in await asyncio.gather(*pairs)
        )


@asynccontextmanager
async def _installation() -> AsyncIterator[tuple[Installation, Shop, dict[str, str]]]:
    """A durable server of our own with a shop, two server programs and tokens; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="ambidex-oversell-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        address = await postgres.ensure_server(folder)
        await migrate(address.owner)
        database = Database(address.app, pool_size=4)
        installation = Installation(folder, free_port())
        try:
            shop = Shop(Run(database))
            tokens = await build(shop.run)
            await shop.place(PLACE, week=ALWAYS)
            for _ in range(2):
                installation.add_server()
            for program in installation.servers:
                program.begin()
            await asyncio.gather(*(_until_up(port) for port in installation.ports))
            yield installation, shop, {"buyer": tokens.buyer, "staff": tokens.staff}
        except Exception:
            # what the servers said is gone with their folder
            print("\n".join(program.log.read_text()[-LOG_TAIL:] for program in installation.servers))
            raise
        finally:
            installation.end()
            await database.close()
            await postgres.remove_server(folder)


async def _until_up(port: int) -> None:
    async with httpx.AsyncClient() as client:
        for _ in range(UP_WITHIN_SECONDS * 10):
            try:
                if (await client.get(f"http://127.0.0.1:{port}/readyz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.1)
    raise AssertionError("the server did not come up")


def arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the long form."""
    parser.add_argument("--buyers", type=int, default=1000)
    parser.add_argument("--units", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """The long form; 1 when anything was sold twice, somebody heard a false "sold out", or a control was not caught."""
    print(f"seed {asked.seed}: {asked.rounds} rounds of {asked.buyers} buyers and {asked.units} units")
    head = ("round", "programs", "sold", "of", "left", "heard", "p50 ms", "p99 ms", "seconds")
    print("{:44}{:>9}{:>6}{:>5}{:>6}{:>24}{:>9}{:>9}{:>9}".format(*head))
    size = {"buyers": asked.buyers, "units": asked.units, "rounds": asked.rounds}
    verdict = asyncio.run(rig(seed=asked.seed, **size, told=_print))
    if verdict.control is not None:
        _print(verdict.control)
    print(f"control: {verdict.circles} of {asked.units} pairs locked in circles")
    print(f"audit violations: {verdict.violations}; seed {verdict.seed}; ok: {verdict.ok}")
    if asked.json:
        print(json.dumps(verdict.json()))
    return 0 if verdict.ok else 1


def _print(one: Round) -> None:
    heard = " ".join(f"{status}:{n}" for status, n in sorted(one.heard.items()))
    print(
        f"{one.name:44}{one.programs:>9}{one.sold_units:>6}{one.units:>5}{one.left:>6}{heard:>24}"
        f"{one.milliseconds_p50:>9}{one.milliseconds_p99:>9}{one.seconds:>9}",
        flush=True,
    )
