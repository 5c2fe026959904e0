"""How a wave looks from outside, and what is asked of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.work_shapes import EvidenceIn, ProofKey, Short
from ambidex.domains.waves import Limits, Wave, WaveState
from ambidex.flows.walk_wave import Landed, Takes
from ambidex.reads.waves import WavePage, wave_page, work_id_of
from ambidex.runtime.db import Row, Tx

MOST = 500
USUAL = Limits()


class PlanIn(Sent):
    """Which place, how much one walk may carry, and whether offered work is accepted along the way."""

    location: Short
    orders: int = Field(default=USUAL.orders, ge=1, le=MOST, strict=True)
    units: int = Field(default=USUAL.units, ge=1, le=10_000, strict=True)
    grams: int | None = Field(default=None, ge=1, le=10_000_000, strict=True)
    takes: Takes = Takes.ACCEPTED

    def limits(self) -> Limits:
        """As the domain knows them."""
        return Limits(self.orders, self.units, self.grams)


class PutIn(Sent):
    """One unit in hand; the answer says into which tote."""

    evidence: EvidenceIn


class MissIn(Sent):
    """Units of an item that cannot be found."""

    item: Short
    quantity: int = Field(default=1, ge=1, le=10_000, strict=True)
    reason: Short = "not found"
    key: ProofKey = ""


class ToteIn(Sent):
    """The label of the tote that an order goes into."""

    tote: int = Field(ge=1, le=MOST)
    label: Short


class ToteShape(BaseModel):
    """One order in the wave."""

    tote: int
    label: str
    work: str
    order: str
    number: str
    state: str
    is_in: bool
    why: str
    wanted: int
    picked: int


class StopShape(BaseModel):
    """Units of one item for one tote."""

    tote: int
    line: int
    item: str
    title: str
    spot: str
    wanted: int
    picked: int


class WaveRowShape(BaseModel):
    """A wave in a list."""

    id: UUID
    number: int
    location: str
    state: WaveState
    carrier: str
    leaves_at: datetime | None
    orders: int
    wanted: int
    picked: int


class WaveShape(WaveRowShape):
    """A wave whole."""

    totes: list[ToteShape]
    stops: list[StopShape]


class LandedShape(BaseModel):
    """Where a unit goes."""

    tote: int
    is_new: bool
    wave: WaveShape


class PlannedShape(BaseModel):
    """The waves of one plan."""

    items: list[WaveShape]


def row_shape(head: Row[Any]) -> WaveRowShape:
    return WaveRowShape(**_of_head(head))


def shape(page: WavePage) -> WaveShape:
    totes = [
        ToteShape(
            tote=row.tote_no, label=row.tote, work=work_id_of(row), order=row.order_id.hex, number=row.number,
            state=row.state, is_in=row.is_in, why=row.why, wanted=int(row.wanted), picked=int(row.picked),
        )
        for row in page.totes
    ]  # fmt: skip
    stops = [
        StopShape(
            tote=line.tote_no, line=line.line_no, item=line.sku, title=line.name, spot=line.spot,
            wanted=line.wanted, picked=line.picked,
        )
        for line in page.lines
    ]  # fmt: skip
    return WaveShape(**_of_head(page.head), totes=totes, stops=stops)


async def shown(tx: Tx, wave: Wave) -> WaveShape:
    return shape(await wave_page(tx, wave.wave_id))


async def landed(tx: Tx, found: Landed) -> LandedShape:
    return LandedShape(tote=found.tote_no, is_new=found.is_new, wave=await shown(tx, found.wave))


async def planned(tx: Tx, waves: list[Wave]) -> PlannedShape:
    return PlannedShape(items=[await shown(tx, wave) for wave in waves])


def _of_head(head: Row[Any]) -> dict[str, Any]:
    names = ("number", "state", "carrier", "leaves_at", "orders", "wanted", "picked")
    return {**{name: getattr(head, name) for name in names}, "id": head.wave_id, "location": head.place_code}
