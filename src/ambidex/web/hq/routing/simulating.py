"""Simulations of a version over days of the past: asked for, and stopped when nobody needs them any more."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from ambidex.domains import routing
from ambidex.flows import simulate_routing
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.web.edge import Runs, Who, page
from ambidex.web.hq.routing.deeds import Draft, sent_draft
from ambidex.web.hq.routing.page import show
from ambidex.web.hq.routing.shown import Seen

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.ROUTING_CHANGE)])


@router.post("/routing/versions/{number}/trials")
async def begin_trial(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """Ask for a simulation; the worker decides the days once more."""
    try:
        period = _period(draft)
        await runs.perform(who, simulate_routing.simulate, draft.brand, draft.number, period=period)
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there("#try")


@router.post("/routing/versions/{number}/trials/stop")
async def stop_trial(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """It is not needed any more."""
    try:
        await runs.perform(who, routing.change.stop_trial, _trial(draft.one("trial")))
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there("#try")


def _trial(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as cause:
        raise BadInput(errors=[{"field": "trial", "expected": "a simulation of this version"}]) from cause


def _period(draft: Draft) -> simulate_routing.Period:
    """Whole days in UTC, the last one included. BadInput names a day that is none."""
    first, last = (_day(draft.one(name), name) for name in ("first", "last"))
    begin = datetime.combine(first, time(), UTC)
    try:
        return simulate_routing.Period(begin, datetime.combine(last, time(), UTC) + timedelta(days=1))
    except OverflowError as cause:
        raise BadInput(errors=[{"field": "last", "expected": "a day that has been"}]) from cause


def _day(text: str, name: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as cause:
        raise BadInput(errors=[{"field": name, "expected": "a day such as 2026-11-27"}]) from cause
