"""What transfers and inbound goods have in common outside: the list, one of them, and receiving it by scan."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from ambidex.api.delivery_shapes import DeliveryShape, ExplainIn, ScansIn, shape, shown
from ambidex.api.edge import Asks, Runs, Scope, operation
from ambidex.api.shapes import Listed
from ambidex.domains import locations, transfers
from ambidex.flows.receive_goods import explain, finish_receiving, receive_goods
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import PAGE_MAX
from ambidex.kernel.values import dataclass
from ambidex.reads.deliveries import deliveries, delivery_page
from ambidex.runtime.perform import Run

MOVING = [operation(Permission.STOCK_MOVE, place=Scope.OWN_PLACE)]
READING = [operation(Permission.STOCK_READ)]
Reference = Annotated[str, Path(min_length=1, max_length=100)]


@dataclass(frozen=True)
class Asked:
    """Which of them are listed: to or from a place, in a state."""

    location: str | None = None
    state: str = ""
    after: str | None = None
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100


Which = Annotated[Asked, Depends()]


async def listed(run: Run, kind: str, which: Asked) -> Listed[DeliveryShape]:
    """Those of one kind, the newest first."""
    async with run.reading() as read:
        at = None if which.location is None else (await locations.by_code(read, which.location)).location_id
        page = await deliveries(
            read, kind=kind, at=at, state=which.state, after=which.after, limit=which.limit
        )
        return Listed(items=[shape(one) for one in page.items], next=page.next)


def add_receiving(router: APIRouter, of: str) -> None:
    """The routes of one kind: `of` is its address."""
    one = of + "/{reference}"

    @router.get(one, dependencies=READING)
    async def see(reference: Reference, runs: Runs) -> DeliveryShape:
        """One of them by its id, its reference or the code of a parcel, and how far it is received."""
        async with runs.reading() as read:
            found = await transfers.by_label(read, reference)
            return shape(await delivery_page(read, found.delivery_id))

    @router.post(one + "/receive", dependencies=MOVING, response_model=DeliveryShape)
    async def receive(reference: Reference, body: ScansIn, asks: Asks) -> Response:
        """Units come out of the parcel, each with its evidence; a key sent before changes nothing."""
        return await asks.answer(shown, receive_goods, delivery=reference, found=body.found())

    @router.post(one + "/finish", dependencies=MOVING, response_model=DeliveryShape)
    async def finish(reference: Reference, asks: Asks) -> Response:
        """Everything that came is scanned: it is on the shelf now, and a difference has an owner."""
        return await asks.answer(shown, finish_receiving, delivery=reference)

    @router.post(one + "/explain", dependencies=MOVING, response_model=DeliveryShape)
    async def explain_difference(reference: Reference, body: ExplainIn, asks: Asks) -> Response:
        """What became of units that were too few or too many."""
        return await asks.answer(shown, explain, delivery=reference, explained=body.explained())
