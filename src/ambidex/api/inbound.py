"""Messages of other systems, as they send them: own signature, own body; yes is said only after they are stored."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from ambidex.api.edge import Out, Runs, public
from ambidex.flows.receive import receive

router = APIRouter(tags=["inbound"])


class StoredOut(BaseModel):
    """Where the message lies; `duplicate` when the same delivery was here before."""

    id: UUID
    state: str
    duplicate: bool


@router.post(
    "/inbound/{source}",
    status_code=202,
    responses={200: {"model": StoredOut}},
    dependencies=[public("signed by the source with its own secret")],
)
async def inbound(source: str, request: Request, response: Response, runs: Runs, out: Out) -> StoredOut:
    """Store one message; 202 when it is new, 200 when it is known. The worker applies it a moment later."""
    body = await request.body()
    stored = await receive(runs, out, code=source, headers=dict(request.headers), body=body)
    response.status_code = 200 if stored.again else 202
    return StoredOut(id=stored.message_id, state=stored.state, duplicate=stored.again)
