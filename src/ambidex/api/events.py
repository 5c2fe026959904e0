"""GET /events: everything that happened after a position, as a list or as a stream that never ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from ambidex.api.edge import Runs, Who, house, operation
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.actor import Scope as Held
from ambidex.kernel.event import json_value
from ambidex.kernel.problem import BadInput
from ambidex.runtime import live
from ambidex.runtime.access import Scope
from ambidex.runtime.reactions import StoredEvent

STREAM = "text/event-stream"
router = APIRouter(tags=["events"], dependencies=[operation(Permission.EVENTS_READ, place=Scope.FILTERED)])


@router.get("/events", responses={200: {"content": {STREAM: {}}}})
async def events(
    request: Request,
    who: Who,
    *,
    runs: Runs,
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=live.PAGE)] = 200,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """`after` (or Last-Event-ID) is the position already seen. A stream goes on with what happens next."""
    seen = max(after, _position(last_event_id))
    if STREAM in request.headers.get("accept", ""):
        follow = house(request).live.follow(seen)
        return StreamingResponse(_lines(follow, who), media_type=STREAM, headers={"X-Accel-Buffering": "no"})
    async with runs.reading() as read:
        page = await live.page(read, after=seen, limit=limit)
    following = str(page[-1].position) if len(page) == limit else None
    return JSONResponse({"items": [shown(e) for e in page if may_see(who, e)], "next": following})


def shown(event: StoredEvent) -> dict[str, Any]:
    """An event as it leaves the house."""
    return {
        "position": event.position,
        "id": str(event.event_id),
        "name": event.name,
        "subject": str(event.subject),
        "order": None if event.order_id is None else event.order_id.hex,
        "location": json_value(event.location_id),
        "actor": event.actor,
        "cause": event.cause,
        "evidence": list(event.evidence),
        "payload": event.payload,
        "happened_at": event.happened_at.isoformat(),
    }


def may_see(who: Actor, event: StoredEvent) -> bool:
    """Those bound to places see what happened there; what has no place is for those who may read everywhere."""
    if event.location_id is not None:
        return who.may(Permission.EVENTS_READ, at=event.location_id)
    scopes = who.scopes or (Held(who.permissions, who.places),)
    return any(scope.places is None and scope.covers(Permission.EVENTS_READ, None) for scope in scopes)


async def _lines(follow: AsyncIterator[Sequence[StoredEvent]], who: Actor) -> AsyncIterator[bytes]:
    yield b"retry: 1000\n\n"
    async for events_ in follow:
        lines = [_line(event) for event in events_ if may_see(who, event)]
        if events_ and not lines:
            yield f"id: {events_[-1].position}\n\n".encode()
        yield b"".join(lines) if lines else b": still here\n\n"


def _line(event: StoredEvent) -> bytes:
    return (
        f"id: {event.position}\nevent: {event.name}\n".encode()
        + b"data: "
        + orjson.dumps(shown(event))
        + b"\n\n"
    )


def _position(last_event_id: str | None) -> int:
    if not last_event_id:
        return 0
    if not last_event_id.isdecimal():
        raise BadInput(errors=[{"field": "Last-Event-ID", "expected": "a position"}])
    return int(last_event_id)
