"""Stock: why a customer is promised this number of an item, and the ledger behind it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ambidex.api.edge import Runs, operation
from ambidex.api.shapes import Listed
from ambidex.api.stock_shapes import Asking, RuleOut, rule_out
from ambidex.domains import catalogue, locations
from ambidex.kernel.actor import Permission
from ambidex.reads.stock_ledger import Entry, ledger
from ambidex.reads.why import Counts, PlaceWhy, ThresholdWhy, Why, why

router = APIRouter(tags=["stock"])
Code = Annotated[str, Query(max_length=100)]


class CountsOut(BaseModel):
    """Units, and the rule that says so; without a rule they came with the stock, or nothing is written."""

    units: int
    rule: RuleOut | None


class PlaceOut(BaseModel):
    """`available` = sellable - reserved - held - waiting - the greater of safety and floor, no more than a threshold leaves.

    0 when left out. For a kit only `available` is given; its components tell the rest.
    """

    location: str
    name: str
    available: int
    left_out: str | None
    on_hand: int | None = None
    sellable: int | None = None
    not_for_sale: dict[str, int] = Field(default_factory=dict)
    reserved: int | None = None
    held: int | None = None
    waiting: int | None = None
    safety: CountsOut | None = None
    floor: CountsOut | None = None


class ThresholdOut(BaseModel):
    """Kept from the channel once, off what these places have together above safety."""

    units: int
    rule: RuleOut | None
    locations: list[str]
    together: int
    left: int


class InboundOut(BaseModel):
    """Units that will come, and what this customer could have then. `date` is the place's own."""

    date: date
    at: datetime
    location: str
    units: int
    available_then: int
    reference: str
    kind: str


class WhyOut(BaseModel):
    """`available` is what this customer may have: the places' sum less `withheld`."""

    item: str
    title: str
    channel: str
    method: str
    country: str
    postcode: str
    available: int
    withheld: int
    places: list[PlaceOut]
    thresholds: list[ThresholdOut]
    inbound: list[InboundOut]
    components: list[ComponentOut]


class ComponentOut(BaseModel):
    """What a kit is made of, each with its own parts."""

    quantity: int
    why: WhyOut


class EntryOut(BaseModel):
    """Units left one account and entered another. The two times differ when a fact came late."""

    id: str
    location: str
    origin: str = Field(serialization_alias="from")
    target: str = Field(serialization_alias="to")
    quantity: int
    cause: str
    order: str | None
    actor: str
    source: str
    reference: str
    note: str
    evidence: list[Any]
    happened_at: datetime
    recorded_at: datetime


@router.get("/stock/{sku}", dependencies=[operation(Permission.STOCK_READ)])
async def get_why(
    sku: str,
    runs: Runs,
    asker: Asking,
    location: Code = "",
) -> WhyOut:
    """The number with its parts, by place; places left out with the reason."""
    async with runs.reading() as read:
        routed = asker.is_routed and not location
        return _out(await why(read, sku, asker.at(read.now), location=location, routed=routed))


@router.get("/stock/{sku}/ledger", dependencies=[operation(Permission.STOCK_READ)])
async def get_ledger(
    sku: str, runs: Runs, location: Code = "", before: str | None = None, limit: int = 50
) -> Listed[EntryOut]:
    """Every movement of the item, the newest first; `next` goes on as `before`."""
    async with runs.reading() as read:
        item = await catalogue.by_sku(read, sku)
        place = (await locations.by_code(read, location)).location_id if location else None
        page = await ledger(read, item.item_id, location_id=place, before=before, limit=limit)
    return Listed(items=[_entry(entry) for entry in page.items], next=page.next)


def _out(told: Why) -> WhyOut:
    return WhyOut(
        item=told.ware.sku,
        title=told.ware.title,
        channel=told.ask.channel,
        method=told.ask.method,
        country=told.ask.country,
        postcode=told.ask.postcode,
        available=told.available,
        withheld=told.withheld,
        places=[_place(one) for one in told.places],
        thresholds=[_threshold(one) for one in told.thresholds],
        inbound=[
            InboundOut(
                date=one.day,
                at=one.at,
                location=one.spot.code,
                units=one.units,
                available_then=one.available_then,
                reference=one.reference,
                kind=one.kind,
            )
            for one in told.inbound
        ],
        components=[ComponentOut(quantity=units, why=_out(part)) for part, units in told.made_of],
    )


def _place(one: PlaceWhy) -> PlaceOut:
    shown = PlaceOut(
        location=one.spot.code, name=one.spot.name, available=one.available, left_out=one.left_out
    )
    if one.stock is None:
        return shown
    stock = one.stock
    return shown.model_copy(
        update={
            "on_hand": stock.sellable + sum(stock.conditions.values()),
            "sellable": stock.sellable,
            "not_for_sale": dict(stock.conditions),
            "reserved": stock.reserved,
            "held": stock.held,
            "waiting": stock.waiting,
            "safety": _counts(one.safety),
            "floor": _counts(one.floor),
        }
    )


def _counts(counts: Counts | None) -> CountsOut | None:
    if counts is None:
        return None
    return CountsOut(units=counts.units, rule=None if counts.rule is None else rule_out(counts.rule))


def _threshold(one: ThresholdWhy) -> ThresholdOut:
    rule = None if one.counts.rule is None else rule_out(one.counts.rule)
    return ThresholdOut(
        units=one.counts.units, rule=rule, locations=list(one.places), together=one.together, left=one.left
    )


def _entry(entry: Entry) -> EntryOut:
    return EntryOut(
        id=entry.entry_id.hex,
        location=entry.location,
        origin=entry.origin,
        target=entry.target,
        quantity=entry.quantity,
        cause=entry.cause,
        order=entry.order_number,
        actor=entry.actor,
        source=entry.source,
        reference=entry.reference,
        note=entry.note,
        evidence=entry.evidence,
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
    )
