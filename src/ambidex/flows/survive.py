"""One of many that cannot be looked at does not keep the others waiting; the next look tries it again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import Problem
from ambidex.runtime.faults import is_passing
from ambidex.runtime.perform import Run

log = structlog.get_logger("ambidex.watch")


async def survive(run: Run, command: Callable[..., Awaitable[object]], **asked: object) -> bool:
    """Whether it could be done. Raises what concerns everybody, such as a database that is away."""
    try:
        await run.perform(SYSTEM, command, **asked)
    except Problem as problem:
        log.info("not-now", command=command.__qualname__, code=problem.code)
    except Exception as fault:
        if is_passing(fault):
            raise
        log.exception("cannot-look", command=command.__qualname__)
    else:
        return True
    return False
