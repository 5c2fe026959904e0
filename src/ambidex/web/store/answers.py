"""How a post of a store page is answered: the next page, or the same one saying what was refused."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from fastapi.responses import RedirectResponse, Response

from ambidex.domains.fulfillment import Work, WorkState
from ambidex.kernel.problem import Problem
from ambidex.reads.waves import SENT
from ambidex.web.store.ship_cards import is_packed_there
from ambidex.web.store.steps import Step, show

ALREADY = frozenset(
    {
        "over-scan",
        "pickup-code-used",
        "evidence-key-reused",
        "parcel-over-scan",
        "parcel-key-reused",
        "wave-over-scan",
        "all-in-a-box",
    }
)


async def answer(step: Step, work_id: str, deed: Callable[[], Awaitable[Any]], *, to: str = "") -> Response:
    try:
        await deed()
    except Problem as refused:
        return await refused_there(step, work_id, refused)
    return see(to or f"/work/{quote(work_id)}")


async def refused_there(step: Step, work_id: str, refused: Problem) -> Response:
    if refused.status == 404:
        raise refused
    outcome = "already" if refused.code in ALREADY else "wrong"
    return await show(work_id, step.with_trouble(refused, signal(outcome, refused.title)))


def after_pick(work: Work) -> str:
    """Where the last unit of a work leads: to its box, or to a shelf."""
    return f"/work/{work.id}" if is_packed_there(work) else f"/work/{work.id}/stage"


def after_refusal(work: Work) -> str:
    """Where saying no leads: a part of it may still be asked; else the list, with what happens to it instead."""
    if work.state is WorkState.OFFERED:
        return f"/work/{work.id}"
    return "/work?said=refused-sent" if work.method in SENT else "/work?said=refused"


def see(there: str) -> Response:
    return RedirectResponse(there, status_code=303)


def signal(outcome: str, say: str) -> dict[str, str]:
    return {"HX-Trigger": json.dumps({"outcome": {"outcome": outcome, "say": say}})}
