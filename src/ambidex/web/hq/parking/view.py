"""The parking queue in words: who waits for what since when, who looks for it, and what lies where."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from ambidex.flows.parking import NEWS_MAX
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.reads.parked_orders import Around, ParkedOrder
from ambidex.web.channels import channel_word
from ambidex.web.edge import ROLE_WORDS
from ambidex.web.formats import address_words, local_named, local_short, local_when, span
from ambidex.web.parts.meanings import Mean
from ambidex.web.parts.views import Chip, Consequence, Row
from ambidex.web.words import translate as _

PLACES_SHOWN = 3
SOON = timedelta(hours=8)
SAID = {
    "nobody": _("Looked again just now: nobody who may serve this customer has all of a line."),
    "told": _("The customer hears the new day now."),
    "canceled": _("What waited is canceled. The customer hears it now."),
    "gone": _("Nothing of that order waits any more."),
    "offered": _("The customer is asked now. It is kept for them until they answer."),
    "waits": _("Noted: the customer waits on. What was kept for them is free again."),
    "taken": _("It goes out now. The customer hears when it arrives."),
    "not-there": _("What was kept is gone all the same; the customer is told, and waits on."),
    "withdrawn": _("It is offered no more, and what was kept is free again."),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One line that waits: so many of what, and what may change that."""

    title: str
    sku: str
    note: str
    line_no: int


def sentence(count: int) -> str:
    if not count:
        return _("Every order that is to be sent has a place.")
    if count == 1:
        return _("1 order waits, as nobody who may serve its customer has it.")
    return _(
        "%(n)s orders wait, as nobody who may serve their customers has it. The first is served first.",
        n=count,
    )


def title(order: ParkedOrder) -> str:
    return f"{order.number} · {order.customer}" if order.customer else order.number


def row(order: ParkedOrder, now: datetime, zone: str) -> Row:
    """One order in the queue."""
    what = ", ".join(f"{line.units} × {line.title}" for line in order.lines)
    who = _("%(owner)s looks", owner=owner(order))
    since = _("waits %(span)s", span=span(now - order.since))
    asked = [_("another item is offered")] if order.is_offered else []
    return Row(
        title=title(order),
        note=" · ".join([what, since, *asked, who]),
        href=f"/parking/{order.order_id}",
        icon="hourglass",
        chip=_short_chip(order, now, zone),
    )


def chip(order: ParkedOrder, now: datetime, zone: str) -> Chip:
    """What the customer was told, and whether that is in danger."""
    if order.told_by is None:
        return Chip(text=_("Call the customer"), mean=Mean.BROKEN, icon="phone")
    words = _("News by %(when)s", when=local_when(order.told_by, zone, now))
    return Chip(text=words, mean=_meaning(order.told_by, now))


def _short_chip(order: ParkedOrder, now: datetime, zone: str) -> Chip:
    """The same, as short as a row on a phone needs it."""
    if order.told_by is None:
        return Chip(text=_("Call"), mean=Mean.BROKEN, icon="phone")
    return Chip(text=local_short(order.told_by, zone, now), mean=_meaning(order.told_by, now))


def _meaning(told_by: datetime, now: datetime) -> Mean:
    return Mean.AT_RISK if told_by - now < SOON else Mean.WAITING


def owner(order: ParkedOrder) -> str:
    """The person who took it, else the duty."""
    return order.owner_name or f"@{ROLE_WORDS.get(order.owner_role, order.owner_role or _('nobody')).lower()}"


def why(order: ParkedOrder) -> str:
    return order.why or _("Nobody who may serve this customer has it.")


def facts(order: ParkedOrder, now: datetime, zone: str) -> list[tuple[str, str]]:
    told = _("broken; somebody calls") if order.told_by is None else local_named(order.told_by, zone, now)
    again = _(" (the day was moved)") if order.told_by is not None and order.told_again else ""
    street = ("line1", "line2", "address1", "address2", "street")
    to = address_words({key: said for key, said in order.address.items() if key not in street})
    pairs = [
        (_("Customer"), order.customer),
        (_("Waits since"), f"{local_named(order.since, zone, now)} ({span(now - order.since)})"),
        (_("Customer hears by"), told + again),
        (_("Who looks for it"), owner(order)),
        (_("Goes to"), to),
        (_("Bought"), f"{local_named(order.placed_at, zone, now)}, {channel_word(order.channel)}"),
    ]
    return [(name, value) for name, value in pairs if value]


def lines(order: ParkedOrder, around: Around, now: datetime, zone: str) -> list[LineView]:
    return [
        LineView(
            f"{line.units} × {line.title}", line.sku, _around(line.item_id, around, now, zone), line.line_no
        )
        for line in order.lines
    ]


def _around(item: ItemId, around: Around, now: datetime, zone: str) -> str:
    """Where it lies although it may not be sent from there, and what comes."""
    lies = around.free.get(item, ())
    comes = around.coming.get(item, ())
    parts = []
    if lies:
        names = ", ".join(f"{name} ({units})" for name, units in lies[:PLACES_SHOWN])
        more = len(lies) - PLACES_SHOWN
        parts.append(
            _("lies unclaimed at %(names)s", names=names) + (_(" and %(n)s more", n=more) if more > 0 else "")
        )
    else:
        parts.append(_("lies unclaimed nowhere"))
    if comes:
        first = comes[0]
        parts.append(_("%(n)s more by %(when)s", n=first.units, when=local_when(first.at, zone, now)))
    else:
        parts.append(_("none on its way"))
    return "; ".join(parts)


def sold_by(shop: str) -> str:
    """What to do instead of offering another item, where a connected shop sold it; "" where it did not."""
    if not shop:
        return ""
    return _(
        "Sold by %(shop)s, which counts its own lines. To send something else agree with the customer, take what waits out "
        "of the order there and pay it back, which cancels it here too, and sell the other item there.",
        shop=shop,
    )


def other_ways(order: ParkedOrder) -> str:
    """The page that says how else this customer may have it: collected near them, for one."""
    asked = [pair for line in order.lines for pair in (("item", line.sku), ("quantity", str(line.units)))]
    country = str(order.address.get("country_code") or order.address.get("country") or "")
    postcode = str(order.address.get("postcode") or order.address.get("zip") or "")
    return "/promise?" + urlencode([*asked, ("country", country), ("postcode", postcode)])


def days(now: datetime, zone: str) -> tuple[str, str, str]:
    """The first and last day that may be told, on the clock of the customer, and the one that is proposed."""
    now = now.astimezone(ZoneInfo(zone))
    first, last = (now + timedelta(days=1)).date(), (now + NEWS_MAX - timedelta(days=1)).date()
    return first.isoformat(), last.isoformat(), min(last, (now + timedelta(days=3)).date()).isoformat()


def consequences(order: ParkedOrder) -> list[Consequence]:
    what = ", ".join(f"{line.units} × {line.title}" for line in order.lines)
    return [
        Consequence(text=_("is canceled; the rest of the order goes on."), amount=what, icon="x"),
        Consequence(text=_("The customer is told at once, and gets the money back for it."), icon="mail"),
    ]
