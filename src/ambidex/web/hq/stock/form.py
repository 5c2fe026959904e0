"""The form that writes a rule: what it offers, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from ambidex.domains.availability import Group
from ambidex.domains.catalogue import Item
from ambidex.domains.locations import Location
from ambidex.flows.write_rules import RuleSaid
from ambidex.kernel.problem import BadInput
from ambidex.web.channels import CHANNELS
from ambidex.web.words import translate as _

PLACE, GROUP = "place:", "group:"
CHANNEL_OPTIONS = list(CHANNELS.items())


class RuleForm(BaseModel):
    """What is sent; `where` is place:CODE, group:CODE or empty."""

    csrf: str = ""
    number: Literal["safety", "floor", "threshold"]
    units: int = Field(ge=0, le=1_000_000)
    what: Literal["item", "category", "every"] = "item"
    where: str = Field(default="", max_length=120)
    of_channel: Literal["", "web", "pos", "phone", "marketplace", "social", "chat", "agent", "b2b"] = ""
    starts: str = ""
    until: str = ""


def said(rule: RuleForm, item: Item) -> RuleSaid:
    """The rule in codes. BadInput names a day that is none."""
    return RuleSaid(
        rule.number,
        rule.units,
        item=item.sku if rule.what == "item" else "",
        category=item.category if rule.what == "category" else "",
        location=rule.where.removeprefix(PLACE) if rule.where.startswith(PLACE) else "",
        group=rule.where.removeprefix(GROUP) if rule.where.startswith(GROUP) else "",
        channel=rule.of_channel,
        starts_on=_day(rule.starts, "starts"),
        ends_on=_day(rule.until, "until"),
    )


def _day(text: str, field: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise BadInput(errors=[{"field": field, "expected": "a day such as 2026-11-27"}]) from cause


def whats(item: Item) -> list[tuple[str, str]]:
    """What a rule written here may be about."""
    category = [("category", _("All of %(name)s", name=item.category))] if item.category else []
    return [("item", _("This item")), *category, ("every", _("Every item"))]


def wheres(groups: Iterable[Group], places: Sequence[Location]) -> list[tuple[str, str]]:
    """Where it may count."""
    named = [(f"{GROUP}{group.code}", _("Group: %(name)s", name=group.name)) for group in groups]
    return [("", _("Every place")), *named, *((f"{PLACE}{place.code}", place.name) for place in places)]
