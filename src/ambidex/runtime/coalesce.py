"""Many at once: calls gather while a list is being worked on, and go as the next one.

Alone, a call is a list of one and waits for nobody. Who comes right after a crowd waits a moment for the rest of it,
because a list costs much the same whatever its length. A second list goes beside the first only when it is full. An
unexpected error halves the list until only the one that causes it is refused; a Problem is a value, so it never
disturbs the others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar

from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime import idempotency
from ambidex.runtime.db import Tx
from ambidex.runtime.faults import is_passing
from ambidex.runtime.idempotency import Answer, Key

C = TypeVar("C")
R = TypeVar("R")

FLIGHTS = 2
LIST_MAX = 100
# from how many callers on the next list waits for the rest of them, for how many of them, and how long at most
CROWD = 8
CROWD_SHARE = 0.9
PATIENCE_SECONDS = 0.003


@dataclass(frozen=True, slots=True)
class Asked(Generic[C]):
    """One of many: who asks, under which key, for what."""

    actor: Actor
    key: Key | None
    command: C


class Coalescer(Generic[C, R]):
    """`work` takes a list and answers each, in order, with a result or a Problem as a value."""

    def __init__(
        self,
        work: Callable[[Sequence[C]], Awaitable[Sequence[R | Problem]]],
        *,
        flights: int = FLIGHTS,
        list_max: int = LIST_MAX,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._work = work
        self._flights = flights
        self._list_max = list_max
        self._patience = patience_seconds
        self._waiting: deque[tuple[C, asyncio.Future[R]]] = deque()
        self._in_flight = 0
        self._tasks: set[asyncio.Task[None]] = set()
        # callers that the last list knew of, and how many of them the next one waits for
        self._crowd = 0
        self._enough = 0
        self._gathered = asyncio.Event()

    async def ask(self, command: C) -> R:
        """The result of this one. Raises its Problem, or what went wrong with it alone."""
        answer: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, answer))
        if len(self._waiting) >= self._enough:
            self._gathered.set()
        if self._may_go(beside=self._in_flight):
            self._in_flight += 1
            flight = asyncio.create_task(self._fly(), name="coalesced")
            self._tasks.add(flight)
            flight.add_done_callback(self._tasks.discard)
        return await answer

    def _may_go(self, *, beside: int) -> bool:
        """Whether another list may go beside so many."""
        return beside == 0 or (beside < self._flights and len(self._waiting) >= self._list_max)

    async def _fly(self) -> None:
        try:
            while self._waiting and self._may_go(beside=self._in_flight - 1):
                await self._gather()
                together = [self._waiting.popleft() for _ in range(min(self._list_max, len(self._waiting)))]
                await self._answer([each for each in together if not each[1].cancelled()])
                self._crowd = len(together) + len(self._waiting)
        except BaseException:
            _give_up(self._waiting)
            self._waiting.clear()
            raise
        finally:
            self._in_flight -= 1

    async def _gather(self) -> None:
        """A moment for the rest of the last crowd: whoever was answered together comes back together."""
        self._enough = min(int(self._crowd * CROWD_SHARE), self._list_max) if self._crowd >= CROWD else 0
        if len(self._waiting) >= self._enough:
            return
        self._gathered.clear()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._gathered.wait(), self._patience)
        self._enough = 0

    async def _answer(self, together: Sequence[tuple[C, asyncio.Future[R]]]) -> None:
        if not together:
            return
        try:
            results = await self._work([command for command, _ in together])
            answered = list(zip(together, results, strict=True))
        except Exception as fault:  # noqa: BLE001  # it is handed to the callers
            await self._refuse(together, fault)
            return
        except BaseException:
            _give_up(together)
            raise
        for (_, answer), result in answered:
            _settle(answer, result)

    async def _refuse(self, together: Sequence[tuple[C, asyncio.Future[R]]], fault: Exception) -> None:
        if len(together) == 1 or is_passing(fault):
            for _, answer in together:
                _settle(answer, fault)
            return
        middle = len(together) // 2
        await self._answer(together[:middle])
        await self._answer(together[middle:])


async def once_each(
    tx: Tx,
    asked: Sequence[Asked[C]],
    work: Callable[[Tx, Sequence[Asked[C]]], Awaitable[Sequence[Answer | Problem]]],
    refused: Callable[[Problem], Answer],
) -> list[Answer | Problem]:
    """`idempotency.once` for a list: the keys are asked together, `work` sees only what is new, answers are kept.

    `refused` writes the answer of a refusal that is final; a refusal worth repeating stays a Problem.
    """
    found = await idempotency.ask(tx, [each.key for each in asked])
    fresh = [each for each, earlier in zip(asked, found, strict=True) if earlier is None]
    made = [_written(answer, refused) for answer in (await work(tx, fresh) if fresh else ())]
    await idempotency.keep(
        tx,
        [
            (each.key, answer)
            for each, answer in zip(fresh, made, strict=True)
            if each.key is not None and isinstance(answer, Answer) and answer.status < 500
        ],
    )
    answers = iter(made)
    return [next(answers) if earlier is None else earlier for earlier in found]


def _written(answer: Answer | Problem, refused: Callable[[Problem], Answer]) -> Answer | Problem:
    if isinstance(answer, Problem) and idempotency.is_kept(answer):
        return refused(answer)
    return answer


def _give_up(unanswered: Iterable[tuple[Any, asyncio.Future[Any]]]) -> None:
    """Nobody waits for a flight that was canceled."""
    for _, answer in unanswered:
        answer.cancel()


def _settle(answer: asyncio.Future[R], result: R | Exception) -> None:
    if answer.done():
        return
    if isinstance(result, Exception):
        answer.set_exception(result)
    else:
        answer.set_result(result)
