"""How a deed on a page of head office is answered: the page of what it was about, or the same page with the refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi.responses import RedirectResponse, Response

from ambidex.kernel.problem import MovedOn, Problem


async def answered(
    deed: Awaitable[object], there: str, *, refused: Callable[[Problem], Awaitable[Response]]
) -> Response:
    """`there` shows what stands now, also when somebody else was quicker; else the page says what was refused."""
    try:
        await deed
    except MovedOn:
        return RedirectResponse(there, status_code=303)
    except Problem as problem:
        return await refused(problem)
    return RedirectResponse(there, status_code=303)
