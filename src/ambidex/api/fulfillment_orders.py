"""Fulfillment orders: what a place has to do, and each step of doing it with its evidence."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Who, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations
from ambidex.domains.fulfillment import PickupCodes, Work, WorkState
from ambidex.flows.accept_work import accept_work
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.put_away import put_away
from ambidex.flows.refuse_work import refuse_work
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.flows.undo_hand_over import undo_hand_over
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.page import PAGE_MAX
from ambidex.reads import fulfillment_orders as lists
from ambidex.reads.fulfillment_orders import WorkView
from ambidex.runtime.db import Tx

router = APIRouter(tags=["fulfillment orders"])
PATH = "/fulfillment-orders/{work_id}"
DO = [operation(Permission.WORK_DO, place=Scope.OWN_PLACE)]
HAND_OVER = [operation(Permission.WORK_HAND_OVER, place=Scope.OWN_PLACE)]
UNDO = [operation(Permission.WORK_UNDO, place=Scope.OWN_PLACE)]
Short = Annotated[str, Field(max_length=200)]
Units = Annotated[dict[int, Annotated[int, Field(ge=1, le=100_000)]], Field(max_length=500)]


class LineShape(BaseModel):
    """Units of one line that this place has to do with."""

    line: int
    item: str
    title: str
    asked: int
    wanted: int
    picked: int
    handed_over: int
    short: int
    to_put_away: int


class WorkShape(BaseModel):
    """What one place does for one order."""

    id: str
    order: str
    number: str
    location: str
    method: str
    state: WorkState
    staging_place: str
    customer: str
    assignee: str
    ready_by: datetime | None
    lines: list[LineShape]


class EvidenceIn(BaseModel):
    """One proof. `item` (a SKU) stands in for a barcode that cannot be scanned; typed needs a reason."""

    kind: EvidenceKind = EvidenceKind.SCAN
    barcode: Short = ""
    item: Short = ""
    quantity: int = Field(default=1, ge=1, le=100_000)
    reason: Short = ""
    happened_at: datetime | None = None
    key: Annotated[str, Field(max_length=100)] = ""

    def proof(self) -> Proof:
        """As the domain knows it."""
        code = self.barcode or self.item
        return Proof(self.kind, code, self.quantity, self.reason, self.happened_at, self.key)


class PickIn(BaseModel):
    """Evidence for each unit."""

    evidence: list[EvidenceIn] = Field(min_length=1, max_length=500)

    def proofs(self) -> list[Proof]:
        """As the domain knows them."""
        return [one.proof() for one in self.evidence]


class RefuseIn(BaseModel):
    """Why the place cannot."""

    reason: Short


class ShortIn(BaseModel):
    """Units that cannot be found; the line by its number or by its item."""

    line: int | None = None
    item: Short = ""
    quantity: int = Field(default=1, ge=1, le=100_000)
    reason: Short = "not found"
    key: Annotated[str, Field(max_length=100)] = ""


class StageIn(BaseModel):
    """The place whose label was scanned; typed by hand it needs a reason."""

    place: Short
    kind: EvidenceKind = EvidenceKind.SCAN
    reason: Short = ""
    key: Annotated[str, Field(max_length=100)] = ""


class HandOverIn(BaseModel):
    """The pickup code, or what was checked and who collects. `units`: line number -> units, empty for all."""

    code: Short = ""
    checked: Short = ""
    collector: Short = ""
    units: Units = Field(default_factory=dict)
    refused: Units = Field(default_factory=dict)
    key: Annotated[str, Field(max_length=100)] = ""


class UndoIn(BaseModel):
    """Why it was a mistake."""

    reason: Short


@router.get("/fulfillment-orders", dependencies=[operation(Permission.WORK_READ, place=Scope.FILTERED)])
async def list_work(
    who: Who,
    runs: Runs,
    *,
    location: str | None = None,
    state: Annotated[list[WorkState] | None, Query()] = None,
    after: str | None = None,
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
) -> Listed[WorkShape]:
    """Work of a place by its promise; without a state, all that is open."""
    async with runs.reading() as read:
        place = None if location is None else await locations.by_code(read, location)
        page = await lists.page(read, who, location=place, states=state or (), after=after, limit=limit)
        return Listed(items=[_shape(view) for view in page.items], next=page.next)


@router.get(PATH, dependencies=[operation(Permission.WORK_READ, place=Scope.FILTERED)])
async def see_work(work_id: str, who: Who, runs: Runs) -> WorkShape:
    """One fulfillment order."""
    async with runs.reading() as read:
        return _shape(await lists.one(read, who, work_id))


@router.post(PATH + "/accept", dependencies=DO, response_model=WorkShape)
async def accept(work_id: str, asks: Asks) -> Response:
    """The place takes it on; the caller owns it from now."""
    return await asks.answer(_shown, accept_work, work_id=work_id)


@router.post(PATH + "/refuse", dependencies=DO, response_model=WorkShape)
async def refuse(work_id: str, body: RefuseIn, asks: Asks) -> Response:
    """The place cannot; the customer is asked what to do."""
    return await asks.answer(_shown, refuse_work, work_id=work_id, reason=body.reason)


@router.post(PATH + "/pick", dependencies=DO, response_model=WorkShape)
async def pick_units(work_id: str, body: PickIn, asks: Asks) -> Response:
    """Units in hand, each with its evidence."""
    return await asks.answer(_shown, pick, work_id=work_id, proofs=body.proofs())


@router.post(PATH + "/short", dependencies=DO, response_model=WorkShape)
async def cannot_find(work_id: str, body: ShortIn, asks: Asks) -> Response:
    """Units that cannot be found: a count opens and the customer is asked."""
    return await asks.answer(_shown, _short, work_id=work_id, body=body)


@router.post(PATH + "/stage", dependencies=DO, response_model=WorkShape)
async def lay_at_place(work_id: str, body: StageIn, asks: Asks) -> Response:
    """Everything picked lies at a staging place."""
    said = body.model_dump()
    return await asks.answer(_shown, stage, work_id=work_id, **said)


@router.post(PATH + "/ready", dependencies=DO, response_model=WorkShape)
async def ready(work_id: str, asks: Asks) -> Response:
    """Every unit is proven and lies at its place: the customer and the source are told."""
    return await asks.answer(_shown, make_ready, work_id=work_id, codes=_codes(asks))


@router.post(PATH + "/hand-over", dependencies=HAND_OVER, response_model=WorkShape)
async def give(work_id: str, body: HandOverIn, asks: Asks) -> Response:
    """Give it to the customer or a collector."""
    ask = Ask(**body.model_dump())
    return await asks.answer(_shown, hand_over, work_id=work_id, ask=ask, codes=_codes(asks))


@router.post(PATH + "/undo-hand-over", dependencies=UNDO, response_model=WorkShape)
async def take_again(work_id: str, body: UndoIn, asks: Asks) -> Response:
    """Within minutes: the hand-over was a mistake."""
    return await asks.answer(_shown, undo_hand_over, work_id=work_id, reason=body.reason)


@router.post(PATH + "/put-away", dependencies=DO, response_model=WorkShape)
async def put_back(work_id: str, body: PickIn, asks: Asks) -> Response:
    """Units that nobody wants any more go back to the shelf."""
    return await asks.answer(_shown, put_away, work_id=work_id, proofs=body.proofs())


async def _short(tx: Tx, *, work_id: str, body: ShortIn) -> Work:
    line_no = body.line if body.line is not None else await lists.line_of_item(tx, work_id, body.item)
    return await short_pick(
        tx, work_id=work_id, line_no=line_no, quantity=body.quantity, reason=body.reason, key=body.key
    )


def _codes(asks: Asks) -> PickupCodes:
    return PickupCodes(asks.house.settings.secret_key)


async def _shown(tx: Tx, work: Work) -> WorkShape:
    return _shape(await lists.one(tx, tx.actor, work.id))


def _shape(view: WorkView) -> WorkShape:
    return WorkShape(
        id=view.id,
        order=str(view.order_id),
        number=view.number,
        location=view.location,
        method=view.method,
        state=view.state,
        staging_place=view.staging_place,
        customer=view.customer,
        assignee=view.assignee,
        ready_by=view.ready_by,
        lines=[
            LineShape(**{name: getattr(line, name) for name in LineShape.model_fields}) for line in view.lines
        ],
    )
