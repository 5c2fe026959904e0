"""Shapes of stock that several operations share: who asks, and what a rule says."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Channel
from ambidex.domains.availability import Ask
from ambidex.kernel.values import dataclass
from ambidex.reads.stock_rules import RuleView


class RuleOut(BaseModel):
    """A rule; an empty field is any. Days are the place's own, the last included."""

    id: str
    number: Literal["safety", "floor", "threshold"]
    units: int
    item: str = ""
    category: str = ""
    location: str = ""
    group: str = ""
    channel: str = ""
    starts: date | None = Field(default=None, alias="from", serialization_alias="from")
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as a query says it."""

    channel: str
    source: str
    method: str
    country: str
    postcode: str

    def at(self, now: datetime) -> Ask:
        return Ask(now, self.channel, self.source, self.method, self.country, self.postcode)

    @property
    def is_routed(self) -> bool:
        """Whether nobody chooses the place: what is sent is routed, what is collected is not."""
        return self.method in {"ship", "deliver"}


def _asker(
    *,
    channel: Channel = "web",
    source: Annotated[str, Query(max_length=100)] = "",
    method: Literal["", "pickup", "ship", "deliver"] = "",
    country: Annotated[str, Query(pattern=r"^([A-Za-z]{2})?$", description="ISO 3166-1, two letters")] = "",
    postcode: Annotated[str, Query(max_length=20)] = "",
) -> Asker:
    """An address without a method is one to send to; without either, any method counts."""
    return Asker(channel, source, method or ("ship" if country else ""), country.upper(), postcode)


Asking = Annotated[Asker, Depends(_asker)]


def rule_out(view: RuleView) -> RuleOut:
    """As it is shown."""
    said = {name: getattr(view, name) for name in RULE_FIELDS}
    return RuleOut.model_validate({**said, "from": view.starts_on, "until": view.ends_on})


RULE_FIELDS = ("id", "number", "units", "item", "category", "location", "group", "channel")
