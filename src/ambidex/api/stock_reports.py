"""Reports of warehouses and partners over the API: the same files that they may post, as one JSON body."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from ambidex.api.edge import Asks, Scope, Shown, operation
from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.flows.report_stock import StockFile, report_stock
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Stored

router = APIRouter(tags=["stock"])
ROWS_MAX = 20_000
NUMBER_MAX = 2**62
UNITS_MAX = 1_000_000


class RowIn(Sent):
    """An item with what lies there (`units`, full report) or by how much it changed (`change`, delta)."""

    item: str = Field(min_length=1, max_length=128)
    units: int | None = Field(default=None, ge=0, le=UNITS_MAX)
    change: int | None = Field(default=None, ge=-UNITS_MAX, le=UNITS_MAX)
    reason: Literal["shipped", "received", "returned", "adjusted"] | None = None
    reference: str | None = Field(default=None, max_length=128)


class ReportIn(Sent):
    """Numbered by the sender, one sequence a place; the same number again changes nothing."""

    source: str = Field(min_length=1, max_length=64, examples=["warehouse:north"])
    report: Literal["full", "delta"]
    number: Annotated[int, Field(ge=0, le=NUMBER_MAX)]
    as_of: Moment
    location: str = Field(min_length=1, max_length=64, examples=["dc-north"])
    rows: list[RowIn] = Field(min_length=1, max_length=ROWS_MAX)
    complete: bool = Field(
        default=False,
        description="Of a full report: what it does not name is not there. Else that is left alone.",
    )

    @model_validator(mode="after")
    def _only_full(self) -> Self:
        if self.complete and self.report != "full":
            raise ValueError("only a full report can be complete")
        return self


class ReportOut(BaseModel):
    """Where the report lies in the inbox; `duplicate` when it was here before."""

    id: UUID
    state: str
    duplicate: bool


@router.post(
    "/stock-reports",
    dependencies=[operation(Permission.STOCK_REPORT, place=Scope.OWN_PLACE)],
    response_model=ReportOut,
    status_code=202,
)
async def report(body: ReportIn, asks: Asks) -> Response:
    """Keep a full or delta report; it is applied a moment later, once."""
    file = StockFile(
        body.source,
        body.report,
        body.number,
        body.as_of,
        body.location,
        [row.model_dump(exclude_none=True) for row in body.rows],
        complete=body.complete,
    )
    return await asks.answer(_shown, report_stock, file)


async def _shown(_: Tx, stored: Stored) -> Shown:
    return Shown(ReportOut(id=stored.message_id, state=stored.state, duplicate=stored.again), status=202)
