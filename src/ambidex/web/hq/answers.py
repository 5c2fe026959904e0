"""How a deed on a page of head office is answered: the page of what it was about, or the same page with the refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi.responses import RedirectResponse, Response

from ambidex.kernel.problem import MovedOn, Problem
from ambidex.web.trouble import trouble_of

__all__ = ["Deed", "answered", "led", "trouble_of"]
Deed = Awaitable[object]

Refused = Callable[[Problem], Awaitable[Response]]


async def answered(deed: Deed, there: str, *, refused: Refused) -> Response:
    """`there` shows what stands now, also when somebody else was quicker; else the page says what was refused."""

    async def done() -> str:
        await deed
        return there

    return await led(done(), gone=(MovedOn, there), refused=refused)


async def led(deed: Awaitable[str], *, gone: tuple[type[Problem], str], refused: Refused) -> Response:
    """Where the deed leads; elsewhere when what it was about is gone; else the page says what was refused."""
    why, elsewhere = gone
    try:
        there = await deed
    except why:
        there = elsewhere
    except Problem as problem:
        return await refused(problem)
    return RedirectResponse(there, status_code=303)
