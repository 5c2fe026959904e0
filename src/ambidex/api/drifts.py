"""Drift: where our book and others differ, why, and what repairs it; and who may say what of stock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Scope, Who, operation
from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Listed, MoneyShape
from ambidex.domains.governance import Drift
from ambidex.flows import repair_drift
from ambidex.kernel.actor import Permission
from ambidex.kernel.money import Money
from ambidex.reads import drift_page
from ambidex.reads.drift_page import DriftView, PlaceRights
from ambidex.runtime.db import Tx

router = APIRouter(tags=["stock"])
AT_OWN_PLACE = [operation(Permission.STOCK_REPAIR, place=Scope.OWN_PLACE)]


class DriftOut(BaseModel):
    """The source said `said` units as of `as_of`, our book `book`; `amount` is the difference, `value` its money."""

    id: UUID
    item: str
    location: str
    source: str
    kind: str
    as_of: datetime
    said: int
    book: int
    amount: int
    value: MoneyShape
    cause: str
    certain: bool
    why: str
    evidence: list[str]
    state: str
    owner: str
    task: UUID | None
    opened_at: datetime
    named_at: datetime | None
    closed_at: datetime | None
    outcome: str


class DismissIn(Sent):
    """Why our book is right."""

    reason: str = Field(min_length=1, max_length=300)


class AuthorityOut(BaseModel):
    """Who may say each fact of a place: a kind of system, one source, or ambidex; `decided` where somebody chose it."""

    location: str
    holders: dict[str, str]
    decided: list[str]


class HolderIn(Sent):
    """A kind of system (till, warehouse, third_party), the code of a source, ambidex, or nothing for the usual."""

    holder: str = Field(max_length=64)


@router.get("/drifts", dependencies=[operation(Permission.STOCK_READ, place=Scope.FILTERED)])
async def list_drifts(
    who: Who,
    runs: Runs,
    state: Literal["open", "over"] = "open",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Listed[DriftOut]:
    """What differs now, worth most first; or what differed, newest end first."""
    async with runs.reading() as read:
        if state == "open":
            found = await drift_page.open_drifts(read, who)
        else:
            found = await drift_page.past_drifts(read, who, limit=limit)
    return Listed(items=[_out(view) for view in found[:limit]], next=None)


@router.get("/drifts/{drift_id}", dependencies=[operation(Permission.STOCK_READ)])
async def get_drift(drift_id: UUID, who: Who, runs: Runs) -> DriftOut:
    """One drift."""
    async with runs.reading() as read:
        return _out(await drift_page.one_drift(read, drift_id, who))


@router.post("/drifts/{drift_id}/repair", dependencies=AT_OWN_PLACE, response_model=DriftOut)
async def repair(drift_id: UUID, who: Who, asks: Asks) -> Response:
    """Book what the source said, as of when it said so: one balanced entry, once."""

    async def shown(tx: Tx, drift: Drift) -> DriftOut:
        return _out(await drift_page.one_drift(tx, drift.drift_id, who))

    return await asks.answer(shown, repair_drift.repair, drift_id=drift_id)


@router.post("/drifts/{drift_id}/dismiss", dependencies=AT_OWN_PLACE, response_model=DriftOut)
async def dismiss(drift_id: UUID, body: DismissIn, who: Who, asks: Asks) -> Response:
    """Our book is right, for a reason that stays beside it."""

    async def shown(tx: Tx, drift: Drift) -> DriftOut:
        return _out(await drift_page.one_drift(tx, drift.drift_id, who))

    return await asks.answer(shown, repair_drift.dismiss, drift_id=drift_id, reason=body.reason)


@router.get("/authorities", dependencies=[operation(Permission.STOCK_READ)])
async def list_authorities(runs: Runs) -> Listed[AuthorityOut]:
    """Who may say what, of every open place."""
    async with runs.reading() as read:
        return Listed(items=[_rights(one) for one in await drift_page.place_rights(read)], next=None)


@router.put(
    "/authorities/{location}/{fact}",
    dependencies=[operation(Permission.STOCK_REPAIR)],
    response_model=AuthorityOut,
)
async def set_authority(
    location: str,
    fact: Literal["sales", "counts", "receipts", "returns", "claims"],
    body: HolderIn,
    asks: Asks,
) -> Response:
    """Decide who may say this fact of this place."""

    async def shown(tx: Tx, _: None) -> AuthorityOut:
        found = await drift_page.place_rights(tx)
        return _rights(next(one for one in found if one.code == location))

    return await asks.answer(
        shown, repair_drift.set_authority, location=location, fact=fact, holder=body.holder.strip()
    )


def _out(view: DriftView) -> DriftOut:
    drift = view.drift
    names = (
        "as_of",
        "said",
        "book",
        "amount",
        "certain",
        "state",
        "opened_at",
        "named_at",
        "closed_at",
        "outcome",
    )
    return DriftOut(
        id=drift.drift_id,
        item=view.sku,
        location=view.place_code,
        source=view.source,
        kind=drift.kind.value,
        value=MoneyShape.of(Money(drift.value_minor, drift.currency)),
        cause=drift.cause.value,
        why=drift.words,
        evidence=[str(one) for one in drift.evidence],
        owner=drift.owner_role,
        task=view.task_id,
        **{name: getattr(drift, name) for name in names},
    )


def _rights(one: PlaceRights) -> AuthorityOut:
    return AuthorityOut(
        location=one.code,
        holders={fact.value: holder for fact, holder in one.holders.items()},
        decided=sorted(fact.value for fact in one.given),
    )
