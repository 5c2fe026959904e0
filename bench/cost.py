"""What an order costs: CPU seconds by program, read from the operating system before and after.

On a crowded machine the clock on the wall lies; processor time does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.programs import House

Seconds = Mapping[str, float]


@dataclass(frozen=True)
class Meter:
    """The programs of one house, and this one, which holds the clients."""

    house: House

    def read(self) -> Seconds:
        """CPU seconds (user and system) used so far, by program; PostgreSQL with all its children, past and present."""
        groups: dict[str, list[int]] = {
            "clients": [psutil.Process().pid],
            "postgres": [self.house.postmaster],
        }
        for name, program in zip(self.house.names, self.house.programs, strict=True):
            groups.setdefault(name, []).append(program.pid)
        return {name: round(_used(numbers), 3) for name, numbers in groups.items()}


def _used(numbers: Sequence[int]) -> float:
    return sum(_of(psutil.Process(number)) for number in numbers)


def _of(program: psutil.Process) -> float:
    times = program.cpu_times()
    used = times.user + times.system
    if program.pid == psutil.Process().pid:
        return float(used)
    gone = times.children_user + times.children_system
    return float(used + gone + sum(_own(child) for child in program.children()))


def _own(program: psutil.Process) -> float:
    try:
        times = program.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.user + times.system)


def microseconds_each(before: Seconds, after: Seconds, *, count: int) -> dict[str, int]:
    """CPU microseconds for one of `count`, by program and altogether."""
    each = {name: round((after[name] - before.get(name, 0)) * 1e6 / max(1, count)) for name in after}
    return {**each, "all": sum(each.values())}
