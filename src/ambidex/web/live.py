"""/live: which topics moved, so that open pages renew those regions. Names and ids only, never what happened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Header, Query, Request
from starlette.responses import StreamingResponse

from ambidex.kernel.actor import Permission
from ambidex.runtime.live import Live
from ambidex.runtime.reactions import StoredEvent
from ambidex.web.edge import house, page

FAR_BEHIND = 1_000
router = APIRouter(include_in_schema=False, dependencies=[page(Permission.WORK_READ)])


@router.get("/live")
async def stream(
    request: Request,
    after: Annotated[int | None, Query(ge=0)] = None,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """From Last-Event-ID or `after` on; who is far behind is told to renew everything instead."""
    live = house(request).live
    seen = int(last_event_id) if last_event_id.isdecimal() else after
    return StreamingResponse(
        _told(live, seen), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


def topics(events: Sequence[StoredEvent]) -> list[str]:
    """What a page may be about: the subject, its order, its place, and the domain."""
    found: dict[str, None] = {}
    for event in events:
        found[str(event.subject)] = None
        found[event.name.partition(".")[0]] = None
        if event.order_id:
            found[f"order:{event.order_id}"] = None
        if event.location_id:
            found[f"place:{event.location_id}"] = None
    return list(found)


async def _told(live: Live, seen: int | None) -> AsyncIterator[bytes]:
    after = live.position if seen is None else seen
    yield b"retry: 1000\n: hello\n\n"
    if live.position - after > FAR_BEHIND:
        after = live.position
        yield f"event: reset\nid: {after}\ndata: all\n\n".encode()
    async for events in live.follow(after):
        if not events:
            yield b": still here\n\n"
            continue
        yield b"id: %d\ndata: %b\n\n" % (events[-1].position, orjson.dumps({"topics": topics(events)}))
