"""How counts look from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.domains.counting import CountKind, CountState, Policy, Tolerance
from ambidex.flows.count_stock import UNITS_MAX
from ambidex.kernel.actor import Actor, Permission
from ambidex.reads.counts import CountView
from ambidex.reads.next_counts import NextCount

Units = Annotated[int, Field(ge=0, le=UNITS_MAX, strict=True)]
Code = Annotated[str, Field(min_length=1, max_length=64, examples=["store-01"])]
Sku = Annotated[str, Field(min_length=1, max_length=100, examples=["MUG-01"])]
Words = Annotated[str, Field(max_length=200)]
MINOR_MAX = 10**12


class CountIn(Sent):
    """Units on the shelves and in the back room; what is staged for customers is not counted."""

    location: Code
    item: Sku
    counted: Units
    reason: Words = "count"


class CountOut(BaseModel):
    """`before` is what the books said (null while somebody else has to count again); `short` are units promised to
    customers that this count left without stock.
    """

    before: int | None
    counted: int
    short: int
    state: CountState = CountState.COUNTED


class AskIn(Sent):
    """Items that the people of a place shall count."""

    location: Code
    items: list[Sku] = Field(min_length=1, max_length=200)
    reason: Words = ""


class BeginIn(Sent):
    """What somebody is about to count; an item by its SKU or a barcode."""

    location: Code
    item: Sku
    kind: CountKind = CountKind.OWN


class EnterIn(Sent):
    """What was counted and when; a device that had no network says its time and keeps a key."""

    counted: Units
    happened_at: Moment | None = None
    key: Annotated[str, Field(max_length=100)] = ""


class WhyIn(Sent):
    """Why."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]


class CountShape(BaseModel):
    """One count. `counted`, `expected` and `entered` are null or empty while somebody may still count it."""

    id: str
    location: str
    item: str
    title: str
    kind: CountKind
    why: str
    state: CountState
    spot: str
    counted: int | None
    expected: int | None
    entered: list[int]
    counters: list[str]
    may_count: bool
    may_decide: bool
    opened_at: datetime
    counted_at: datetime | None


class ReasonShape(BaseModel):
    """Why a shelf is worth counting: a word and its number."""

    code: str
    number: int


class NextShape(BaseModel):
    """A shelf worth counting; `worth` orders the list and means nothing else."""

    item: str
    title: str
    spot: str
    worth: float
    reasons: list[ReasonShape]
    count: str | None
    may_count: bool


class ToleranceShape(Sent):
    """A difference above either is too much; null: no limit of that kind. Money in minor units of the item's price."""

    units: int | None = Field(default=None, ge=0, le=UNITS_MAX)
    value_minor: int | None = Field(default=None, ge=0, le=MINOR_MAX)


class PolicyShape(Sent):
    """Above `recount` another person counts; above `approve` a lead decides."""

    recount: ToleranceShape
    approve: ToleranceShape


def shape(view: CountView) -> CountShape:
    row = view.row
    names = str(row.counter_names or "")
    return CountShape(
        id=str(row.count_id),
        location=row.place_code,
        item=row.sku,
        title=f"{row.name} {row.variant}".strip(),
        kind=row.kind,
        why=row.cause,
        state=row.state,
        spot=row.spot,
        counted=view.counted,
        expected=view.expected,
        entered=view.entered,
        counters=names.split(", ") if names else [],
        may_count=view.may_count,
        may_decide=view.may_decide,
        opened_at=row.opened_at,
        counted_at=row.counted_at,
    )


def next_shape(found: NextCount, who: Actor) -> NextShape:
    row = found.row
    return NextShape(
        item=row.sku,
        title=f"{row.name} {row.variant}".strip(),
        spot=row.spot,
        worth=round(found.worth, 3),
        reasons=[ReasonShape(code=one.code, number=one.number) for one in found.reasons],
        count=None if row.count_id is None else str(row.count_id),
        may_count=who.may(Permission.STOCK_COUNT, at=row.location_id) and who.id not in (row.counters or ()),
    )


def policy_shape(policy: Policy) -> PolicyShape:
    return PolicyShape(recount=_shape_of(policy.recount), approve=_shape_of(policy.approve))


def policy_of(said: PolicyShape) -> Policy:
    return Policy(
        Tolerance(said.recount.units, said.recount.value_minor),
        Tolerance(said.approve.units, said.approve.value_minor),
    )


def _shape_of(limit: Tolerance) -> ToleranceShape:
    return ToleranceShape(units=limit.units, value_minor=limit.value_minor)
