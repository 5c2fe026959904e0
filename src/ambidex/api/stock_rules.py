"""Rules of what may be promised: safety, floor and threshold; groups of places, who sells from them, areas served."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, operation
from ambidex.api.order_shapes import Channel, Sent
from ambidex.api.shapes import Listed
from ambidex.api.stock_shapes import RuleOut, rule_out
from ambidex.domains import catalogue
from ambidex.flows import write_rules
from ambidex.flows.write_rules import RuleSaid
from ambidex.kernel.actor import Permission
from ambidex.kernel.page import read_cursor, write_cursor
from ambidex.kernel.problem import BadInput
from ambidex.reads.stock_rules import RuleView, book_with_names, rules_page, view_of
from ambidex.runtime.db import Tx

router = APIRouter(tags=["stock"])
Code = Annotated[str, Field(max_length=100)]
Key = Annotated[str, Field(max_length=64)]


class RuleIn(Sent):
    """A field left out counts for any. A rule of the same number and scope gets the new units."""

    number: Literal["safety", "floor", "threshold"]
    units: int = Field(ge=0, le=1_000_000, strict=True)
    item: Code = ""
    category: str = Field(default="", max_length=120)
    location: Code = ""
    group: Key = ""
    channel: Literal["", "web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b"] = ""
    starts: date | None = Field(default=None, alias="from")
    until: date | None = None


class GroupIn(Sent):
    """Exactly these places from now on."""

    name: str = Field(min_length=1, max_length=200)
    locations: list[Code] = Field(max_length=2_000)


class GroupOut(BaseModel):
    """A group of places and the channels and sources that may sell from it only."""

    code: str
    name: str
    locations: list[str]
    sellers: list[str]


class SellerShape(Sent):
    """A channel or source; without groups it sells from every place."""

    seller: str = Field(default="", max_length=100)
    groups: list[Key] = Field(max_length=200)


class AreaShape(Sent):
    """Addresses of a country whose postcode begins so; '' is the whole country."""

    country: str = Field(min_length=2, max_length=2)
    postcode: str = Field(default="", max_length=20)


class AreasShape(Sent):
    """What a place serves one way; no areas: every address."""

    location: str = ""
    method: Literal["ship", "deliver"] = "ship"
    areas: list[AreaShape] = Field(max_length=5_000)


class Removed(BaseModel):
    """It counts no longer."""

    removed: str


@router.get("/stock-rules", dependencies=[operation(Permission.STOCK_READ)])
async def list_rules(
    runs: Runs, item: Code = "", after: str | None = None, limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Listed[RuleOut]:
    """All rules in the order in which they were first written, or those of one item."""
    async with runs.reading() as read:
        item_id = (await catalogue.by_sku(read, item)).item_id if item else None
        rules, named = await rules_page(read, _after(after), limit=limit + 1, item_id=item_id)
    more = len(rules) > limit
    shown = [rule_out(view_of(rule, named)) for rule in rules[:limit]]
    return Listed(items=shown, next=write_cursor(rules[limit - 1].rule_id) if more else None)


@router.put("/stock-rules", dependencies=[operation(Permission.STOCK_RULES)], response_model=RuleOut)
async def put_rule(body: RuleIn, asks: Asks) -> Response:
    """Write a rule. It counts for the next order and the next answer."""
    said = body.model_dump(exclude={"starts", "until"})
    return await asks.answer(
        _rule, write_rules.write_rule, RuleSaid(**said, starts_on=body.starts, ends_on=body.until)
    )


@router.delete(
    "/stock-rules/{rule}", dependencies=[operation(Permission.STOCK_RULES)], response_model=RuleOut
)
async def delete_rule(rule: str, asks: Asks) -> Response:
    """Remove a rule; answers with what it was."""
    return await asks.answer(_rule, write_rules.remove_rule, rule)


@router.get("/place-groups", dependencies=[operation(Permission.STOCK_READ)])
async def list_groups(runs: Runs) -> Listed[GroupOut]:
    """All groups by code."""
    async with runs.reading() as read:
        book, named = await book_with_names(read)
    return Listed(
        items=[
            GroupOut(
                code=group.code,
                name=group.name,
                locations=sorted(named.codes[at] for at in group.places if at in named.codes),
                sellers=sorted(s.code for s in book.sellers.values() if group.code in s.groups),
            )
            for group in book.groups.values()
        ]
    )


@router.put("/place-groups/{code}", dependencies=[operation(Permission.STOCK_RULES)], response_model=GroupOut)
async def put_group(code: str, body: GroupIn, asks: Asks) -> Response:
    """Create a group or change its name and places."""
    return await asks.answer(_group, write_rules.write_group, code, name=body.name, codes=body.locations)


@router.delete(
    "/place-groups/{code}", dependencies=[operation(Permission.STOCK_RULES)], response_model=Removed
)
async def delete_group(code: str, asks: Asks) -> Response:
    """Remove a group that no rule and no seller names."""
    return await asks.answer(_removed, write_rules.remove_group, code)


@router.get("/stock-sellers", dependencies=[operation(Permission.STOCK_READ)])
async def list_sellers(runs: Runs) -> Listed[SellerShape]:
    """Channels and sources that sell from certain groups only."""
    async with runs.reading() as read:
        book, _ = await book_with_names(read)
    return Listed(items=[SellerShape(seller=s.code, groups=sorted(s.groups)) for s in book.sellers.values()])


@router.put(
    "/stock-sellers/{seller}", dependencies=[operation(Permission.STOCK_RULES)], response_model=SellerShape
)
async def put_seller(seller: str, body: SellerShape, asks: Asks) -> Response:
    """A channel or source sells from these groups only from now on."""
    write = write_rules.write_channel if seller in get_args(Channel) else write_rules.write_source
    return await asks.answer(_seller, write, seller, groups=body.groups)


@router.get("/serving-areas", dependencies=[operation(Permission.STOCK_READ)])
async def list_areas(runs: Runs) -> Listed[AreasShape]:
    """Places that serve certain addresses only, by method."""
    async with runs.reading() as read:
        book, named = await book_with_names(read)
    found = [
        AreasShape.model_validate(
            {
                "location": named.codes[at],
                "method": method,
                "areas": [{"country": a.country, "postcode": a.postcode} for a in areas],
            }
        )
        for (at, method), areas in book.areas.items()
        if at in named.codes
    ]
    return Listed(items=sorted(found, key=lambda one: (one.location, one.method)))


@router.put(
    "/serving-areas/{location}", dependencies=[operation(Permission.STOCK_RULES)], response_model=AreasShape
)
async def put_areas(location: str, body: AreasShape, asks: Asks) -> Response:
    """The place serves exactly these addresses this way; none: every address."""
    served = [(area.country, area.postcode) for area in body.areas]
    return await asks.answer(_areas, write_rules.write_areas, location, method=body.method, served=served)


async def _rule(_: Tx, view: RuleView) -> RuleOut:
    return rule_out(view)


async def _group(_: Tx, written: tuple[str, str, list[str]]) -> GroupOut:
    code, name, codes = written
    return GroupOut(code=code, name=name, locations=codes, sellers=[])


async def _removed(_: Tx, code: str) -> Removed:
    return Removed(removed=code)


async def _seller(_: Tx, written: tuple[str, list[str]]) -> SellerShape:
    return SellerShape(seller=written[0], groups=written[1])


async def _areas(_: Tx, written: tuple[str, str, list[tuple[str, str]]]) -> AreasShape:
    location, method, served = written
    areas = [{"country": country, "postcode": postcode} for country, postcode in served]
    return AreasShape.model_validate({"location": location, "method": method, "areas": areas})


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(read_cursor(cursor)[0]))
    except ValueError as cause:
        raise BadInput("cursor", errors=[{"field": "after", "expected": "a cursor of ours"}]) from cause
