"""Changing the rules: a new draft, a rule written or removed, costs, the whole document by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from ambidex.domains import routing
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.perform import Run
from ambidex.web.edge import Runs, Who, page
from ambidex.web.hq.routing import costs, form, view
from ambidex.web.hq.routing.page import Brand, RuleAt, live_document, overview_page, show
from ambidex.web.hq.routing.shown import Seen, found_version

router = APIRouter(include_in_schema=False, dependencies=[page(Permission.ROUTING_CHANGE)])
WHY_MAX, BRAND_MAX = 500, 60
Sent = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """The version a form is about, as its writer saw it."""

    brand: str
    number: int
    sent: Sent

    @property
    def key(self) -> tuple[str, int]:
        return self.brand, self.number

    @property
    def why(self) -> str:
        return self.one("why")[:WHY_MAX]

    @property
    def seen(self) -> routing.change.Seen:
        revision = self.one("revision")
        return routing.change.Seen(self.brand, self.number, int(revision) if revision.isdigit() else None)

    def one(self, name: str) -> str:
        return next(iter(self.sent.get(name, [])), "").strip()

    def there(self, anchor: str = "") -> RedirectResponse:
        path = f"/routing/versions/{self.number}{view.query(self.brand)}{anchor}"
        return RedirectResponse(path, status_code=303)


async def _sent(request: Request) -> Sent:
    """Fields by name, each with all its values in their order."""
    said = await request.form()
    return {name: [str(value) for value in said.getlist(name)] for name in said}


Form = Annotated[Mapping[str, list[str]], Depends(_sent)]


def sent_draft(number: int, sent: Form, brand: Brand = "") -> Draft:
    return Draft(brand, number, sent)


@router.post("/routing/versions/{number}/copy")
async def copy(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """A new draft with the rules and examples of a version."""
    async with runs.reading() as read:
        one = await found_version(read, draft.key)
    name = draft.one("name") or one.document.get("name", "")
    document = {**one.document, "name": name}
    try:
        made = await runs.perform(
            who, routing.change.begin_draft, draft.brand, document, why=draft.why, of=one.number or None
        )
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return Draft(draft.brand, made.number, {}).there()


@router.post("/routing/brands")
async def begin_brand(request: Request, *, sent: Form, who: Who, runs: Runs) -> Response:
    """The first version of a brand's own: a draft of what decides for it today."""
    draft = Draft("", 0, sent)
    brand = " ".join(draft.one("brand").split())
    try:
        if not 1 <= len(brand) <= BRAND_MAX:
            raise BadInput(errors=[{"field": "brand", "expected": f"1 to {BRAND_MAX} letters"}])
        async with runs.reading() as read:
            known = await routing.ask.versions(read, routing.versions.EVERY_BRAND)
        document = {**live_document(known), "name": draft.one("name") or brand}
        made = await runs.perform(who, routing.change.begin_draft, brand, document, why=draft.why)
    except Problem as refused:
        return await overview_page(request, (who, runs), refused=refused)
    return Draft(brand, made.number, {}).there()


@router.post("/routing/versions/{number}/rules")
async def write_rule(
    request: Request,
    *,
    draft: Annotated[Draft, Depends(sent_draft)],
    who: Who,
    runs: Runs,
    at: RuleAt = None,
) -> Response:
    """Write a rule, or change the one at a place of the document."""
    said = form.read(draft.sent)
    document = await _document(runs, draft)
    rules = list(document.get("rules", []))
    at = at if at is not None and at < len(rules) else None
    where = len(rules) if at is None else at
    rules[where : where + 1] = [form.document_of(said)]
    try:
        await _write(runs, who, draft, {**document, "rules": rules})
    except Problem as refused:
        marked = form.with_errors(said, refused.errors, f"rules[{where}]")  # type: ignore[arg-type]  # a TypedDict is a mapping of texts
        return await show(request, draft.key, (who, runs), Seen(rule=marked, at=at, refused=refused))
    return draft.there("#rules")


@router.post("/routing/versions/{number}/rules/{at}/remove")
async def remove_rule(
    request: Request, at: int, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """The rule is no longer in the draft."""
    document = await _document(runs, draft)
    rules = [rule for place, rule in enumerate(document.get("rules", [])) if place != at]
    try:
        await _write(runs, who, draft, {**document, "rules": rules})
    except Problem as refused:
        return await show(request, draft.key, (who, runs), Seen(refused=refused))
    return draft.there("#rules")


@router.post("/routing/versions/{number}/costs")
async def write_costs(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """Change name, costs and clocks."""
    document = costs.changed(await _document(runs, draft), draft.sent)
    return await _whole(request, draft, (who, runs), document)


@router.post("/routing/versions/{number}/document")
async def write_document(
    request: Request, *, draft: Annotated[Draft, Depends(sent_draft)], who: Who, runs: Runs
) -> Response:
    """The whole document, as an expert writes it."""
    try:
        document = json.loads(draft.one("document"))
    except ValueError as cause:
        return await show(request, draft.key, (who, runs), Seen(refused=_no_json(cause)))
    if not isinstance(document, dict):
        return await show(request, draft.key, (who, runs), Seen(refused=_no_json(None)))
    return await _whole(request, draft, (who, runs), document)


async def _whole(
    request: Request, draft: Draft, by: tuple[Actor, Run], document: Mapping[str, Any]
) -> Response:
    who, runs = by
    try:
        await _write(runs, who, draft, document)
    except Problem as refused:
        said = {one["field"]: one["expected"] for one in refused.errors}
        return await show(request, draft.key, by, Seen(document=document, refused=refused, said=said))
    return draft.there("#costs")


def _no_json(cause: ValueError | None) -> Problem:
    expected = f"a JSON document ({cause})" if cause else "a JSON document in braces"
    return BadInput(errors=[{"field": "document", "expected": expected}])


async def _document(runs: Run, draft: Draft) -> Mapping[str, Any]:
    async with runs.reading() as read:
        one = await found_version(read, draft.key)
    document: Mapping[str, Any] = one.document
    return document


async def _write(runs: Run, who: Actor, draft: Draft, document: Mapping[str, Any]) -> None:
    await runs.perform(who, routing.change.write_draft, draft.seen, document, why=draft.why)
