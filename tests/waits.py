"""Waiting in tests: until something holds, never for a fixed time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

# How long a test waits for what must come; only what is broken takes so long, on the slowest machine and the busiest hour.
PATIENCE = 90


async def until(holds: Callable[[], object | Awaitable[object]], *, seconds: float = PATIENCE) -> None:
    """Come back when `holds` does; AssertionError after so many seconds."""
    began = time.monotonic()
    while True:
        answer = holds()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() - began < seconds, "it never came to that"
        await asyncio.sleep(0.01)
