"""Counts: an authoritative one, and those that people enter without seeing the book."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from starlette.responses import Response

from ambidex.api.count_shapes import (
    AskIn,
    BeginIn,
    CountIn,
    CountOut,
    CountShape,
    EnterIn,
    NextShape,
    PolicyShape,
    WhyIn,
    next_shape,
    policy_of,
    policy_shape,
    shape,
)
from ambidex.api.edge import Asks, Runs, Scope, Shown, Who, operation
from ambidex.api.shapes import Listed
from ambidex.domains import catalogue, counting, locations
from ambidex.domains.counting import Count, CountState, Policy
from ambidex.flows.count_shelf import Shelf, ShelfCounted, begin_count, count_here, count_shelf
from ambidex.flows.decide_count import approve_count, cancel_count, reject_count
from ambidex.flows.need_count import ask_for_counts
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads import counts as lists
from ambidex.reads.next_counts import SHOWN_MAX, next_counts
from ambidex.runtime.db import Tx

router = APIRouter(tags=["stock"])
COUNTS = [operation(Permission.STOCK_COUNT, place=Scope.OWN_PLACE)]
DECIDES = [operation(Permission.STOCK_APPROVE, place=Scope.OWN_PLACE)]
READS = [operation(Permission.STOCK_READ, place=Scope.FILTERED)]
Size = Annotated[int, Query(ge=1, le=PAGE_MAX)]


@router.post("/counts", dependencies=COUNTS, response_model=CountOut, status_code=201)
async def count(body: CountIn, asks: Asks) -> Response:
    """Set what is on hand by an authoritative count: of who may approve at the place, or of a system.

    Somebody else's count is taken in the same way while it is near the book (`state` "counted"); far from it nothing
    is booked yet (202, `state` "recount").
    """
    cause = body.reason or "count"
    return await asks.answer(
        _counted, count_here, location=body.location, item=body.item, counted=body.counted, cause=cause
    )


@router.get("/counts", dependencies=READS)
async def list_counts(
    who: Who,
    runs: Runs,
    *,
    location: str,
    state: Annotated[list[CountState] | None, Query()] = None,
    after: UUID | None = None,
    limit: Size = 100,
) -> Listed[CountShape]:
    """Counts of a place, the newest first. Numbers are hidden while somebody may still count."""
    async with runs.reading() as read:
        place = await locations.by_code(read, location)
        page = await lists.page(read, who, place, states=state or (), after=after, limit=limit)
    return Listed(items=[shape(one) for one in page.items], next=page.next)


@router.get("/counts/next", dependencies=READS)
async def next_best(
    who: Who, runs: Runs, *, location: str, limit: Annotated[int, Query(ge=1, le=SHOWN_MAX)] = 20
) -> Listed[NextShape]:
    """The shelves of a place most worth counting now, each with its reasons."""
    async with runs.reading() as read:
        place = await locations.by_code(read, location)
        found = await next_counts(read, place, limit=limit)
    return Listed(items=[next_shape(one, who) for one in found])


@router.post("/counts/ask", dependencies=DECIDES, response_model=Listed[CountShape], status_code=201)
async def ask(body: AskIn, asks: Asks) -> Response:
    """Ask the people of a place to count these items."""
    return await asks.answer(
        _shown_all, ask_for_counts, location=body.location, items=body.items, cause=body.reason
    )


@router.post("/counts/begin", dependencies=COUNTS, response_model=CountShape, status_code=201)
async def begin(body: BeginIn, asks: Asks) -> Response:
    """Begin to count an item at a place; the waiting count of it when there is one."""
    return await asks.answer(_begun, begin_count, location=body.location, item=body.item, kind=body.kind)


@router.get("/counts/{count_id}", dependencies=READS)
async def see(count_id: UUID, who: Who, runs: Runs) -> CountShape:
    """One count."""
    async with runs.reading() as read:
        return shape(await lists.one(read, who, count_id))


@router.post("/counts/{count_id}/enter", dependencies=COUNTS, response_model=CountShape)
async def enter(count_id: UUID, body: EnterIn, asks: Asks) -> Response:
    """What somebody counted, without seeing the book: booked, or another person counts, or a lead decides."""
    return await asks.answer(_entered, _enter, count_id=count_id, body=body)


@router.post("/counts/{count_id}/approve", dependencies=DECIDES, response_model=CountShape)
async def approve(count_id: UUID, asks: Asks) -> Response:
    """What was counted last lay there; by a lead who counted none of it."""
    return await asks.answer(_entered, approve_count, count_id=count_id)


@router.post("/counts/{count_id}/reject", dependencies=DECIDES, response_model=CountShape)
async def reject(count_id: UUID, body: WhyIn, asks: Asks) -> Response:
    """Nothing is booked; somebody counts from the beginning."""
    return await asks.answer(_closed, reject_count, count_id=count_id, why=body.reason)


@router.post("/counts/{count_id}/cancel", dependencies=DECIDES, response_model=CountShape)
async def cancel(count_id: UUID, body: WhyIn, asks: Asks) -> Response:
    """Nobody needs this count any more."""
    return await asks.answer(_closed, cancel_count, count_id=count_id, why=body.reason)


@router.get("/count-policies/{location}", dependencies=READS)
async def see_policy(location: str, runs: Runs) -> PolicyShape:
    """From which difference on another person counts, and a lead decides."""
    async with runs.reading() as read:
        place = await locations.by_code(read, location)
        return policy_shape(await counting.policy(read, place.location_id))


@router.put(
    "/count-policies/{location}",
    dependencies=[operation(Permission.PLACES_CHANGE, place=Scope.OWN_PLACE)],
    response_model=PolicyShape,
)
async def put_policy(location: str, body: PolicyShape, asks: Asks) -> Response:
    """Change both limits of a place."""
    return await asks.answer(_policy, _put_policy, location=location, wanted=policy_of(body))


async def _put_policy(tx: Tx, *, location: str, wanted: Policy) -> Policy:
    place = await locations.by_code(tx, location)
    return await counting.put_policy(tx, place.location_id, wanted)


async def _policy(_: Tx, policy: Policy) -> PolicyShape:
    return policy_shape(policy)


async def _enter(tx: Tx, *, count_id: UUID, body: EnterIn) -> ShelfCounted:
    item_id, location_id = await counting.place_of(tx, count_id)
    [item] = (await catalogue.by_ids(tx, [item_id])).values()
    place = await locations.by_id(tx, location_id)
    count = await counting.find(tx, count_id)
    shelf = Shelf(place.code, item.sku, body.counted, count.kind, body.happened_at, body.key)
    return await count_shelf(tx, shelf)


async def _counted(_: Tx, outcome: ShelfCounted) -> Shown:
    booked = outcome.booked
    if booked is None:
        assert outcome.count is not None, "what is not booked waits as a count"
        held = CountOut(before=None, counted=outcome.count.counted or 0, short=0, state=outcome.count.state)
        return Shown(held, status=202)
    short = sum(one.quantity for one in booked.opened)
    return Shown(CountOut(before=booked.before, counted=booked.counted, short=short), status=201)


async def _entered(tx: Tx, outcome: ShelfCounted) -> CountShape:
    assert outcome.count is not None, "a count that was entered or decided is there"
    return shape(await lists.one(tx, tx.actor, outcome.count.count_id))


async def _closed(tx: Tx, count: Count) -> CountShape:
    return shape(await lists.one(tx, tx.actor, count.count_id))


async def _begun(tx: Tx, count: Count) -> Shown:
    return Shown(await _closed(tx, count), status=201)


async def _shown_all(tx: Tx, count_ids: list[UUID]) -> Shown:
    found = await lists.some(tx, tx.actor, count_ids)
    return Shown(Listed[CountShape](items=[shape(one) for one in found]), status=201)
