"""The inbox: what other systems sent, above all what is parked; repair it here."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, operation
from ambidex.api.shapes import Listed
from ambidex.flows import repair_message
from ambidex.kernel.actor import Permission
from ambidex.runtime import inbox, masks
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Message

router = APIRouter(tags=["inbox"])
State = Literal["stored", "applied", "parked", "refused"]


class MessageOut(BaseModel):
    """A message without its body."""

    id: UUID
    source: str
    topic: str
    resource: str
    state: str
    outcome: str
    reason: str
    owner: str
    attempts: int
    received_at: datetime
    settled_at: datetime | None


class WholeMessageOut(MessageOut):
    """A message with its headers and its body; contact details are covered."""

    headers: dict[str, str]
    body: str


class NameIn(BaseModel):
    """What a name of the source stands for here: an item (SKU) or a place (code)."""

    kind: Literal["item", "place"]
    external: str = Field(min_length=1, max_length=300)
    internal: str = Field(min_length=1, max_length=128)


class ReasonIn(BaseModel):
    """Why the message needs nothing."""

    reason: str = Field(min_length=1, max_length=500)


@router.get("/inbox", dependencies=[operation(Permission.INBOX_READ)])
async def list_messages(
    runs: Runs, state: State = "parked", after: str | None = None, limit: int = 50, source: str = ""
) -> Listed[MessageOut]:
    """Messages in one state, newest first."""
    async with runs.reading() as read:
        page = await inbox.messages(
            read, state=state, after=after, limit=min(max(limit, 1), 200), source=source
        )
    return Listed(items=[MessageOut(**_facts(message)) for message in page.items], next=page.next)


@router.get("/inbox/{message_id}", dependencies=[operation(Permission.INBOX_READ)])
async def get_message(message_id: UUID, runs: Runs) -> WholeMessageOut:
    """One message, as it came."""
    async with runs.reading() as read:
        message = await inbox.message(read, message_id)
    return WholeMessageOut(**_facts(message), headers=dict(message.headers), body=masks.shown(message.body))


@router.post(
    "/inbox/{message_id}/replay",
    dependencies=[operation(Permission.INBOX_REPAIR)],
    response_model=MessageOut,
)
async def replay(message_id: UUID, asks: Asks) -> Response:
    """Send a parked message through again."""
    return await asks.answer(_shown, repair_message.replay, message_id=message_id)


@router.post(
    "/inbox/{message_id}/name", dependencies=[operation(Permission.INBOX_REPAIR)], response_model=MessageOut
)
async def name(message_id: UUID, body: NameIn, asks: Asks) -> Response:
    """Say what a name stands for; every message that waited for it goes through again."""
    return await asks.answer(
        _shown, repair_message.name_and_replay, message_id=message_id, **body.model_dump()
    )


@router.post(
    "/inbox/{message_id}/dismiss",
    dependencies=[operation(Permission.INBOX_REPAIR)],
    response_model=MessageOut,
)
async def dismiss(message_id: UUID, body: ReasonIn, asks: Asks) -> Response:
    """Let a parked message go; the reason stays beside it."""
    return await asks.answer(_shown, repair_message.dismiss, message_id=message_id, reason=body.reason)


async def _shown(_: Tx, message: Message) -> MessageOut:
    return MessageOut(**_facts(message))


def _facts(message: Message) -> dict[str, Any]:
    return {"id": message.message_id} | {
        name: getattr(message, name) for name in MessageOut.model_fields if name != "id"
    }
