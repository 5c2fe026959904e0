"""The end of a pickup over HTTP: handing over, undoing it within minutes, and putting back what nobody wants."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from ambidex.api.edge import Asks, Scope, operation
from ambidex.api.work_shapes import HandOverIn, PutAwayIn, UndoIn, WorkShape, shown
from ambidex.domains import locations
from ambidex.domains.fulfillment import PickupCodes, Work
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.put_away import put_away
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Tx

router = APIRouter(tags=["fulfillment orders"])
PATH = "/fulfillment-orders/{work_id}"
HANDING_OVER = [operation(Permission.WORK_HAND_OVER, place=Scope.OWN_PLACE)]
UNDOING = [operation(Permission.WORK_UNDO, place=Scope.OWN_PLACE)]
WORKING = [operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]


@router.post(PATH + "/hand-over", dependencies=HANDING_OVER, response_model=WorkShape)
async def give(work_id: str, body: HandOverIn, asks: Asks) -> Response:
    """Give it to the customer or a collector."""
    ask = Ask(**body.model_dump())
    return await asks.answer(
        shown, hand_over, work_id=work_id, ask=ask, codes=PickupCodes(asks.house.settings.secret_key)
    )


@router.post(PATH + "/undo-hand-over", dependencies=UNDOING, response_model=WorkShape)
async def take_again(work_id: str, body: UndoIn, asks: Asks) -> Response:
    """Within minutes: the hand-over was a mistake."""
    return await asks.answer(shown, undo_hand_over, work_id=work_id, reason=body.reason)


@router.post(PATH + "/put-away", dependencies=WORKING, response_model=WorkShape)
async def put_back(work_id: str, body: PutAwayIn, asks: Asks) -> Response:
    """Units that nobody wants any more go back to the shelf, at the place of the work or where its parcel came back."""
    return await asks.answer(shown, _put_away, work_id=work_id, body=body)


async def _put_away(tx: Tx, *, work_id: str, body: PutAwayIn) -> Work:
    at = (await locations.by_code(tx, body.location)).location_id if body.location else None
    return await put_away(tx, work_id=work_id, proofs=body.proofs(), location_id=at)
