"""What each part of the worker costs for one order: every part alone, after the others, over the same orders.

CPU time of this thread for our code, and of PostgreSQL with all its children for the database; nothing else runs.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from functools import partial

import psutil

from ambidex.entry import wiring
from ambidex.flows.live_audit import LiveAudit
from ambidex.flows.reactions import REACTIONS
from ambidex.runtime import house as runtime_house
from ambidex.runtime import publisher
from ambidex.runtime.live import Live
from ambidex.runtime.outside import Outside
from ambidex.runtime.reactions import Reactor
from ambidex.runtime.settings import Settings
from bench.cost import Meter
from bench.programs import House

Part = Callable[[], Awaitable[object]]


async def worker_parts(place: House, *, orders: int, since: int) -> dict[str, dict[str, int]]:
    """CPU microseconds an order, by part: `python`, `postgres`. The worker must not run; a round costs as it comes.

    `since`: the position of the last event before these orders.
    """
    found = {}
    guard = LiveAudit(after=since)
    parts: dict[str, Part] = {**_parts(place), "loop invariants": partial(guard.beat, place.run)}
    for name, part in parts.items():
        meter = Meter(place)
        used, before = time.thread_time(), meter.read()["postgres"]
        times = await _until_quiet(part)
        python = time.thread_time() - used
        database = meter.read()["postgres"] - before
        found[name] = {
            "python": round(python * 1e6 / orders),
            "postgres": round(database * 1e6 / orders),
            "steps": times,
        }
    return found


async def _until_quiet(part: Part) -> int:
    times = 0
    while True:
        times += 1
        if not await part():
            return times


def _parts(place: House) -> dict[str, Part]:
    """In the order in which the worker comes to them. Loops that wait for nothing here are looked at once."""
    told = {"AMBIDEX_DATA": str(place.folder), "AMBIDEX_SMTP_PORT": str(place.mail_port)}
    ours = runtime_house.House(place.run, Settings.load(told), Outside({}), Live(place.run))
    loops = {f"loop {one.name}": partial(one.step, ours.run, ours.outside) for one in wiring.loops(ours)}
    reactions = {f"reaction {one.name}": partial(_react, Reactor(place.run, [one])) for one in REACTIONS}
    sending = {name: part for name, part in loops.items() if "messages" in name or "watchdogs" in name}
    return {
        "publisher": lambda: publisher.publish_all(place.run.database),
        **reactions,
        **sending,
        "publisher of what was sent": lambda: publisher.publish_all(place.run.database),
    }


async def _react(reactor: Reactor) -> int:
    await reactor.begin()
    return await reactor.catch_up()


def backend_seconds(number: int) -> float:
    """CPU seconds one connection's server process has used."""
    times = psutil.Process(number).cpu_times()
    return float(times.user + times.system)
