"""How long something took, for figures only: nothing is ever decided by it."""

from __future__ import annotations

from time import perf_counter_ns


class Stopwatch:
    """Runs from when it is made."""

    def __init__(self) -> None:
        self._began = perf_counter_ns()

    @property
    def microseconds(self) -> int:
        """Since then."""
        return (perf_counter_ns() - self._began) // 1_000
