"""Promise: three lines over a thousand places that collect and send, as a product page asks; beside it asked naively.

Measured on one process, in it and over HTTP. The comparisons answer the same baskets: the same engine over all places with
nothing remembered and nowhere left out, and the stock asked place by place. The answers are the same, which is checked.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import text

from ambidex.api.order_shapes import as_json
from ambidex.api.quote_shapes import shown
from ambidex.flows.quote import Answer, quote
from ambidex.flows.quote_view import FIRST_LOOK
from ambidex.flows.quote_words import Basket
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import Problem
from ambidex.reads.availability import look_by_sku
from ambidex.runtime.perform import Run
from bench.cost import Meter
from bench.load import Load, post
from bench.programs import House, free_port, house, machine, until_up
from bench.promise_shop import basket, build

ALL_PLACES, SOME_PLACES = 1_000_000, 10
PATH = "/api/v1/promises:quote"


def arguments(parser: argparse.ArgumentParser) -> None:
    """How large the house and the basket are, and how long it is asked."""
    parser.add_argument("--places", type=int, default=1_000)
    parser.add_argument("--items", type=int, default=300)
    parser.add_argument("--lines", type=int, default=3)
    parser.add_argument("--calls", type=int, default=500, help="in the process, one after another")
    parser.add_argument("--naive", type=int, default=20, help="baskets asked naively too")
    parser.add_argument("--clients", type=int, default=16, help="over HTTP, for the rate")
    parser.add_argument("--seconds", type=float, default=4, help="over HTTP")
    parser.add_argument("--seed", type=int, default=1)


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures; `ratio` is how many times longer the naive question takes (p99)."""
    return asyncio.run(_measure(asked))


async def _measure(asked: argparse.Namespace) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "promise", "unit": "ms", "machine": machine()}
    chance = random.Random(asked.seed)
    async with house() as built:
        token = await build(built.run, places=asked.places, items=asked.items, seed=asked.seed)
        await _analyze(built)
        baskets = [basket(chance, items=asked.items, lines=asked.lines) for _ in range(asked.calls)]
        figures["in_program"] = await _in_program(built.run, baskets)
        figures["naive"] = await _naive(built.run, baskets[: asked.naive])
        await _serve(built)
        figures["http"] = await _over_http(built, token, baskets, asked)
    alone = figures["http"]["alone"]
    figures |= {"value": alone["p99_ms"], "p99_ms": alone["p99_ms"], "comparison": figures["naive"]["p99_ms"]}
    figures["calls_per_second"] = figures["http"]["crowd"]["calls_per_second"]
    figures["ratio"] = round(figures["comparison"] / alone["p99_ms"], 1)
    return figures


async def _analyze(built: House) -> None:
    async with built.run.database.connection() as connection:
        await connection.execute(text("ANALYZE inventory.positions"))
        await connection.commit()


async def _serve(built: House) -> None:
    """One server program and no worker: nothing is written."""
    port = free_port()
    built.start("serve", "--port", str(port))
    built.ports.append(port)
    await until_up(f"http://127.0.0.1:{port}/readyz")


async def _in_program(run: Run, baskets: Sequence[Basket]) -> dict[str, Any]:
    """One after another through the flow, the answer made into bytes."""
    for one in baskets[:20]:
        await _ask(run, one)
    took, cost, looked = list[float](), list[float](), list[int]()
    began, used = time.perf_counter(), time.process_time()
    for one in baskets:
        start, spent = time.perf_counter(), time.process_time()
        answer = await _ask(run, one)
        took.append((time.perf_counter() - start) * 1_000)
        cost.append((time.process_time() - spent) * 1_000)
        looked += [] if answer is None else [len(answer.view.known)]
    seconds = time.perf_counter() - began
    cpu = (time.process_time() - used) * 1_000_000 / len(baskets)
    return {
        "p50_ms": _at(took, 0.5),
        "p99_ms": _at(took, 0.99),
        "calls_per_second": round(len(baskets) / seconds),
        "python_cpu_us": round(cpu),
        "python_cpu_p99_ms": _at(cost, 0.99),
        "places_looked_at_p99": _at(looked, 0.99),
        "refused": len(baskets) - len(looked),
    }


async def _ask(run: Run, one: Basket, *, first_look: int = FIRST_LOOK) -> Answer | None:
    try:
        async with run.reading() as read:
            answer = await quote(read, one, quote_id=new_id(read.now), first_look=first_look)
    except Problem:
        return None
    as_json(shown(answer))
    return answer


async def _naive(run: Run, baskets: Sequence[Basket]) -> dict[str, Any]:
    """Every place is looked at and nothing is remembered; and, for a few, the stock is asked place by place."""
    took, same = [], 0
    for one in baskets:
        ours = await _ask(run, one)
        start = time.perf_counter()
        theirs = await _everywhere(run, one)
        took.append((time.perf_counter() - start) * 1_000)
        same += _promised(ours) == _promised(theirs)
    by_place = [await _place_by_place(run, one) for one in baskets[:3]]
    return {
        "p50_ms": _at(took, 0.5),
        "p99_ms": _at(took, 0.99),
        "place_by_place_ms": _at(by_place, 0.5),
        "same_promise": f"{same} of {len(baskets)}",
    }


async def _everywhere(run: Run, one: Basket) -> Answer | None:
    run.database.memory.clear()
    return await _ask(run, one, first_look=ALL_PLACES)


async def _place_by_place(run: Run, one: Basket) -> float:
    """As a shop without a promise does it: one question of availability for each place. Milliseconds for all of them,
    from some.
    """
    async with run.reading() as read:
        places = len((await look_by_sku(read, [one.lines[0][0]])).spots)
    start = time.perf_counter()
    for _ in range(SOME_PLACES):
        async with run.reading() as read:
            await look_by_sku(read, [sku for sku, _ in one.lines])
    return (time.perf_counter() - start) * 1_000 / SOME_PLACES * places


def _promised(answer: Answer | None) -> object:
    """What the customer is told: when, and at which cost to us."""
    if answer is None:
        return None
    return [(one.key, one.due_at, one.cost) for one in answer.options]


async def _over_http(
    built: House, token: str, baskets: Sequence[Basket], asked: argparse.Namespace
) -> dict[str, Any]:
    asks = [post(PATH, _body(one), token=token) for one in baskets]

    def ask(number: int) -> bytes:
        return asks[number % len(asks)]

    found = {}
    for name, clients in (("alone", 1), ("crowd", asked.clients)):
        meter = Meter(built)
        before = meter.read()
        outcome = await Load(built.ports, clients, ask).run(warm_up_seconds=1, seconds=asked.seconds)
        calls = sum(outcome.answers.values())
        spent = {name: seconds - before[name] for name, seconds in meter.read().items()}
        every = max(1, sum(outcome.all_answers.values()))
        found[name] = {
            "clients": clients,
            "p50_ms": outcome.at(0.5),
            "p99_ms": outcome.at(0.99),
            "calls_per_second": round(calls / outcome.seconds),
            "answers": {str(status): n for status, n in sorted(outcome.answers.items())},
            "cpu_us_a_call": {one: round(seconds * 1_000_000 / every) for one, seconds in spent.items()},
        }
    return found


def _body(one: Basket) -> bytes:
    lines = [{"item": sku, "quantity": units} for sku, units in one.lines]
    address = {"country": one.country, "postcode": one.postcode}
    return orjson.dumps({"channel": one.channel, "lines": lines, "address": address})


def _at(took: Sequence[float], share: float) -> float:
    ordered = sorted(took)
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)
