"""/promise: what would we promise, for somebody who has a customer on the phone; and what the item fields offer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from ambidex.domains import locations
from ambidex.flows.quote import quote
from ambidex.flows.quote_words import Basket
from ambidex.kernel.actor import Permission
from ambidex.kernel.ids import new_id
from ambidex.kernel.problem import BadInput, Problem
from ambidex.runtime.db import Read
from ambidex.web.edge import Runs, Who, frame, page
from ambidex.web.parts.views import Trouble
from ambidex.web.promise.items import offered, sku_of
from ambidex.web.promise.view import Answers, answers_of
from ambidex.web.rendering import render
from ambidex.web.words import translate

router = APIRouter(include_in_schema=False)
READS = page(Permission.STOCK_READ)
LINES = 3
UNITS_MAX = 999
Words = Annotated[str, Query(max_length=100)]


@router.get("/promise", dependencies=[READS])
async def promise(
    request: Request,
    *,
    who: Who,
    runs: Runs,
    item: Annotated[list[str] | None, Query(max_length=20)] = None,
    quantity: Annotated[list[str] | None, Query(max_length=20)] = None,
    country: Words = "",
    postcode: Words = "",
) -> HTMLResponse:
    """The form, and under it every way in which these goods may be had."""
    lines = _lines(item or (), quantity or ())
    async with runs.reading() as read:
        shell = await frame(request, who, read)
        country = country or await _usual_country(read)
        answers, trouble = await _answered(read, lines, country, postcode)
    return render(
        request,
        "promise/promise.html",
        shell=shell,
        lines=[*lines, *[("", 1)] * (LINES - len(lines))],
        country=country,
        postcode=postcode,
        answers=answers,
        trouble=trouble,
    )


@router.get("/items/options", dependencies=[READS])
async def options(request: Request, *, runs: Runs) -> HTMLResponse:
    """What an item field offers; the field's own name is its query."""
    words = next(iter(request.query_params.values()), "")[:100]
    async with runs.reading() as read:
        found = await offered(read, words)
    return render(request, "promise/_options.html", items=[(one.sku, one.title) for one in found])


def _lines(items: Sequence[str], units: Sequence[str]) -> list[tuple[str, int]]:
    """What is wanted, as it was typed."""
    numbers = [*units, *["1"] * len(items)]
    return [
        (words.strip(), max(1, min(UNITS_MAX, int(n) if n.isdecimal() else 1)))
        for words, n in zip(items, numbers, strict=False)
        if words.strip()
    ]


async def _answered(
    read: Read, lines: Sequence[tuple[str, int]], country: str, postcode: str
) -> tuple[Answers | None, Trouble | None]:
    if not lines:
        return None, None
    try:
        skus = [await sku_of(read, words) for words, _ in lines]
        wanted: Counter[str] = Counter()
        for sku, (_, units) in zip(skus, lines, strict=True):
            wanted[sku] += units
        basket = Basket(tuple(wanted.items()), "phone", country=country.upper(), postcode=postcode.strip())
        answer = await quote(read, basket, quote_id=new_id(read.now))
    except Problem as refused:
        return None, _trouble(refused)
    return answers_of(answer, now=read.now), None


def _trouble(refused: Problem) -> Trouble:
    advice = next((one["advice"] for one in refused.errors if one.get("advice")), "") or refused.advice
    detail = refused.detail if not isinstance(refused, BadInput) else ""
    return Trouble(title=detail or translate(refused.title), advice=advice)


async def _usual_country(read: Read) -> str:
    """Where most likely it is to go: where the first place is."""
    first = (await locations.page(read, limit=1)).items
    said = str(first[0].address.get("country") or first[0].address.get("country_code") or "") if first else ""
    return said.upper() if len(said) == len("US") else "US"
