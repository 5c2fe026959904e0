"""Prices of scarce stock: whether they count, how they did on seasons of the past, and stopping them."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Shown, operation
from ambidex.domains import routing
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import NotFound
from ambidex.runtime.db import Tx

router = APIRouter(tags=["routing"])
PriceList = routing.scarce.PriceList


class NoPricesYet(NotFound):
    """No prices of scarce stock were made yet."""

    code = "no-prices-yet"
    advice = "They are made every night; at once by `ambidex routing prices`."


class SideOut(BaseModel):
    """What the orders of all seasons came to. `cost` in mills, without what scarcity was worth."""

    orders: int
    cost: int
    parcels: int
    meters: int
    unfilled: int

    @classmethod
    def of(cls, played: routing.scarce.Played) -> SideOut:
        return cls(
            orders=played.orders,
            cost=played.cost,
            parcels=played.parcels,
            meters=played.metres,
            unfilled=played.unfilled,
        )


class PricesOut(BaseModel):
    """The newest list. `saved`: the share of the cost; it counts only when `state` is on and it is younger than two days."""

    number: int
    state: str = Field(description="on, off or stopped")
    why: str = Field(description="why there are no prices, where it is not the trial that says so")
    counts: bool
    made_at: datetime | None
    made_by: str
    past_orders: int
    past_days: int
    season_orders: int
    made_anew_every: int
    positions: int
    saved: float
    without: SideOut
    with_prices: SideOut

    @classmethod
    def of(cls, made: PriceList, now: datetime) -> PricesOut:
        """As it is shown."""
        return cls(
            number=made.number,
            state=made.state.value,
            why=made.why.value,
            counts=made.counts(now),
            made_at=made.made_at,
            made_by=made.made_by,
            past_orders=made.past,
            past_days=made.days,
            season_orders=made.season,
            made_anew_every=made.every,
            positions=made.count,
            saved=round(made.proof.saved, 6),
            without=SideOut.of(made.proof.plain),
            with_prices=SideOut.of(made.proof.priced),
        )


@router.get("/routing/prices", dependencies=[operation(Permission.ORDERS_READ)])
async def get_prices(runs: Runs) -> PricesOut:
    """The newest prices of scarce stock, and their proof."""
    async with runs.reading() as read:
        found = await routing.ask.price_list(read)
        if found is None:
            raise NoPricesYet
        return PricesOut.of(found, read.now)


@router.post(
    "/routing/prices/stop", dependencies=[operation(Permission.ROUTING_CHANGE)], response_model=PricesOut
)
async def stop_prices(asks: Asks) -> Response:
    """Use none until somebody has them made again."""
    return await asks.answer(_stopped, routing.change.stop_prices)


@router.post(
    "/routing/prices/make",
    dependencies=[operation(Permission.ROUTING_CHANGE)],
    status_code=202,
    response_model=PricesOut,
)
async def make_prices(asks: Asks) -> Response:
    """Have them made and tried now; the worker begins within a minute, also when somebody had stopped them."""
    return await asks.answer(_asked, routing.change.ask_prices)


async def _asked(tx: Tx, made: PriceList) -> Shown:
    return Shown(PricesOut.of(made, tx.now), status=202)


async def _stopped(tx: Tx, made: PriceList) -> PricesOut:
    return PricesOut.of(made, tx.now)
