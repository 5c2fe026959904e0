"""Letting a version go on: shadow, trial on a share, live, away; and the examples that must pass before."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from ambidex.domains import routing
from ambidex.flows.example_of_order import example_of_order
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.reads.routing_pages import order_numbered
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, page
from ambidex.web.hq.routing.deeds import Draft, sent_draft
from ambidex.web.hq.routing.page import show
from ambidex.web.hq.routing.shown import Seen

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.ROUTING_CHANGE)])
change, versions = routing.change, routing.versions
NAME_MAX = 120


@router.post("/routing/versions/{number}/go")
async def go(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """Where the version goes from here; refused while an example fails."""
    try:
        await _gone(draft, who, runs)
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there()


async def _gone(draft: Draft, who: Actor, runs: Run) -> None:
    if not draft.why:
        raise BadInput(errors=[{"field": "why", "expected": "why, in a sentence"}])
    match draft.one("verb"):
        case "canary":
            await runs.perform(who, change.go_canary, draft.seen, _terms(draft), why=draft.why)
        case "shadow":
            await runs.perform(who, change.go_shadow, draft.seen, why=draft.why)
        case "go_live":
            await runs.perform(who, change.go_live, draft.seen, why=draft.why)
        case "archive":
            await runs.perform(who, change.archive, draft.seen, why=draft.why)
        case _:
            raise BadInput(errors=[{"field": "verb", "expected": "where it should go"}])


def _terms(draft: Draft) -> routing.versions.Canary:
    """Percents of the form as so many of a thousand. BadInput names what is no number."""
    metric = draft.one("metric")
    if metric not in set(versions.Metric):
        raise BadInput(errors=[{"field": "metric", "expected": "what it is measured by"}])
    orders = draft.one("orders_min")
    if not orders.isdigit():
        raise BadInput(errors=[{"field": "orders_min", "expected": "a whole number"}])
    share, threshold = _per_mille(draft, "share"), _per_mille(draft, "threshold")
    return versions.Canary(share, versions.Metric(metric), threshold, int(orders))


def _per_mille(draft: Draft, name: str) -> int:
    try:
        return int(Decimal(draft.one(name).replace(",", ".")) * 10)
    except (InvalidOperation, ValueError, OverflowError) as cause:
        raise BadInput(errors=[{"field": name, "expected": "a percentage such as 10 or 2.5"}]) from cause


@router.post("/routing/versions/{number}/examples")
async def add_example(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """What was decided for an order is what this version must decide in the same situation."""
    try:
        async with runs.reading() as read:
            order_id = await order_numbered(read, draft.one("order"))
        if order_id is None:
            raise BadInput(errors=[{"field": "order", "expected": "the number of an order"}])
        name = (draft.one("example") or f"Order {draft.one('order')}")[:NAME_MAX]
        await runs.perform(who, example_of_order, draft.seen, name, order_id=order_id, why=draft.why)
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there("#examples")


@router.post("/routing/versions/{number}/examples/remove")
async def remove_example(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """The example is no longer asked of this draft."""
    try:
        await runs.perform(who, change.drop_example, draft.seen, draft.one("example"), why=draft.why)
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there("#examples")
