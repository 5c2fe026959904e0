"""An offer of another item in words: what could be offered, what is offered, and what withdrawing it means."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from ambidex.domains.promises import Promise
from ambidex.flows.offer_item import instead_of
from ambidex.flows.what_waits import choice
from ambidex.flows.worth import worth_of
from ambidex.kernel.ids import OrderId
from ambidex.kernel.values import dataclass
from ambidex.reads.other_items import OtherItem
from ambidex.runtime.db import Read
from ambidex.web.formats import local_named, money
from ambidex.web.parts.views import Consequence, Option
from ambidex.web.words import translate as _

HOURS = ((24, _("a day")), (48, _("two days")), (72, _("three days")), (168, _("a week")))


@dataclass(frozen=True, slots=True)
class OfferView:
    """What the customer was asked."""

    title: str
    until: str
    words: str
    consequences: tuple[Consequence, ...]


def of(promise: Promise, now: datetime, zone: str) -> OfferView:
    """The offer that is open."""
    instead = instead_of(promise)
    until = local_named(promise.due_at, zone, now)
    price = money(instead.price.minor, instead.price.currency)
    return OfferView(
        title=_("Offered instead: %(units)s × %(title)s", units=instead.units, title=instead.title),
        until=_("until %(when)s", when=until),
        words=_(
            "%(who)s asked the customer. It is kept for them, for %(price)s in all. Without an answer they wait on.",
            who=str(promise.facts.get("offered_by", "")),
            price=price,
        ),
        consequences=(
            Consequence(text=_("What was kept is free again."), icon="package-open"),
            Consequence(text=_("The customer hears that it is offered no more, and waits on."), icon="mail"),
        ),
    )


def options(found: Sequence[OtherItem]) -> list[Option]:
    """What may be promised now, as choices."""
    return [
        Option(
            value=one.sku,
            title=one.title,
            note=_("%(sku)s, %(n)s may be promised there", sku=one.sku, n=one.available),
            price=money(one.price.minor, one.price.currency),
            chosen="yes" if n == 0 else "",
        )
        for n, one in enumerate(found)
    ]


async def shown(read: Read, order_id: OrderId, line_no: int) -> dict[str, Any]:
    """What a line waits for, and what could be offered in its place. Raises NotInTheQueue, SoldByAShop."""
    one = await choice(read, order_id, line_no)
    paid = worth_of(one.order, one.bought.replaces)
    return {
        "order": one.parked,
        "line": one.bought,
        "paid": money(paid.minor, paid.currency),
        "currency": one.order.currency,
        "options": options(one.found),
    }
