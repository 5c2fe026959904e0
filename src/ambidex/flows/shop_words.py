"""From the platform's words to ours, purely: which units go where by which method, under which of our names.

Whatever is not known is said, all of it at once, so that one visit to the page of parked messages repairs it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ambidex.domains import orders
from ambidex.domains.channels import Source
from ambidex.domains.orders import Contact, Method, NewLine, NewOrder, NewPayment
from ambidex.flows.shop_port import ReportKind, ShopLine, ShopOrder, ShopWork, Way
from ambidex.kernel.money import Money, apportion
from ambidex.kernel.values import dataclass, replace

_UNKNOWN = re.compile(
    r'unknown (?P<kind>item|place) "(?P<name>.+?)"(?:, called (?P<called>.+?) there)?(?=; unknown |$)'
)
METHODS = {Way.PICKUP: Method.PICKUP, Way.SHIP: Method.SHIP, Way.DELIVER: Method.DELIVER}


class CannotKnow(Exception):
    """Something must be repaired by a person first; the text says what. Never guessed."""


class NotYet(Exception):
    """The platform has not said everything yet; it usually does within seconds."""


@dataclass(frozen=True)
class Names:
    """What the platform's names stand for here: item -> SKU, place -> code. Unknown ones are absent."""

    items: Mapping[str, str]
    places: Mapping[str, str]


@dataclass(frozen=True)
class Share:
    """Units of one line that go one way from one place."""

    line: ShopLine
    work: ShopWork
    units: int


def unknown_item(name: str) -> str:
    """The words for an item that has no name here; repairing the mapping finds them again."""
    return f'unknown item "{name}"'


def unknown_place(name: str) -> str:
    """The words for a place that has no name here."""
    return f'unknown place "{name}"'


def said_place(order: ShopOrder) -> str:
    """The name under which a person may say where this one order is collected, when its shop cannot or does not."""
    return f"order:{order.reference}"


def nowhere(order: ShopOrder, why: str) -> str:
    """Why the place is not known, and the words that let a person say it."""
    return f"{why}; {_called(unknown_place(said_place(order)), f'the place to collect {order.number}')}"


def said_by_person(order: ShopOrder) -> ShopWork:
    """The whole order as one pickup, at the place that a person said."""
    name = said_place(order)
    wanted = {line.line: line.quantity - line.canceled for line in wanted_lines(order)}
    return ShopWork(name, order.reference, name, "", Way.PICKUP, "open", wanted)


def unknown_names(reason: str) -> list[tuple[str, str, str]]:
    """(kind, name, what it is called there) of everything that these words say is unknown."""
    return [(match["kind"], match["name"], match["called"] or "") for match in _UNKNOWN.finditer(reason)]


def wanted_lines(order: ShopOrder) -> list[ShopLine]:
    """The lines that are goods; gift cards and services need nobody's hands."""
    return [line for line in order.lines if line.physical and line.quantity]


def shares(order: ShopOrder, works: Sequence[ShopWork]) -> list[Share]:
    """Who works which units. Units that left the order ride with the first work of their line.

    Raises NotYet while the platform's fulfillment orders do not cover every unit that is still wanted, CannotKnow
    when one of them does not say how its units reach the customer.
    """
    live = [work for work in works if work.is_live] or list(works)
    if not live:
        raise NotYet("the shop has no fulfillment order for it yet")
    if unsaid := [work.reference for work in live if work.way is Way.UNSAID]:
        raise CannotKnow(f"fulfillment order {unsaid[0]} does not say whether it is a pickup")
    found = [share for line in wanted_lines(order) for share in _shares_of(line, live)]
    return [share for share in found if share.work.way is not Way.NOTHING]


def covers(order: ShopOrder, works: Sequence[ShopWork]) -> bool:
    """Whether the fulfillment orders hold exactly the units that this version of the order still wants."""
    live = [work for work in works if work.is_live] or works
    return all(
        sum(work.units.get(line.line, 0) for work in live) == line.quantity - line.canceled
        for line in wanted_lines(order)
    )


def _shares_of(line: ShopLine, works: Sequence[ShopWork]) -> list[Share]:
    named = [work for work in works if work.units.get(line.line)]
    left, found = line.quantity - line.canceled, []
    for work in named:
        units = min(left, work.units[line.line])
        left -= units
        found.append(Share(line, work, units))
    if left:
        raise NotYet(f"the shop has no fulfillment order for {left} of {line.title or line.item} yet")
    if line.canceled:
        first = found.pop(0) if found else Share(line, works[0], 0)
        found.insert(0, replace(first, units=first.units + line.canceled))
    return [share for share in found if share.units]


def new_order(source: Source, order: ShopOrder, plan: Sequence[Share], *, names: Names) -> NewOrder:
    """The order as we would have been asked for it. Raises CannotKnow naming everything unknown."""
    _all_known(plan, names)
    new = NewOrder(
        source=source.code,
        reference=order.reference,
        channel=source.channel,
        currency=order.currency,
        contact=Contact(order.buyer.name, order.buyer.email, order.buyer.phone),
        lines=tuple(line for ware in wanted_lines(order) for line in _lines(ware, plan, names)),
        payments=payments_of(order),
        prices_include_tax=order.prices_include_tax,
        shipping=order.shipping,
        address=order.buyer.address,
        language=order.buyer.language.partition("-")[0].lower() or "en",
        terms=_terms(order),
        source_number=order.number,
        placed_at=order.placed_at,
        source_version=order.version,
    )
    # what else the platform charged or took off (services, tips, order discounts), so that totals agree
    rest = order.total.minor - orders.rules.total_minor(new)
    return replace(new, fees=Money(rest, order.currency)) if rest else new


def payments_of(order: ShopOrder) -> tuple[NewPayment, ...]:
    """The tender as reported, and what is still to be paid as a pending one."""
    if not order.total.minor:
        return ()
    nothing = Money(0, order.currency)
    said = {report.kind: report.amount for report in order.money}
    captured = said.get(ReportKind.CAPTURED, nothing)
    if captured.minor:
        rest = order.total - captured
        paid = NewPayment("captured", captured, reference=f"order-{order.reference}")
        return (paid, NewPayment("pending", rest)) if rest.minor > 0 else (paid,)
    if ReportKind.AUTHORIZED in said:
        return (NewPayment("authorized", said[ReportKind.AUTHORIZED], reference=f"order-{order.reference}"),)
    return (NewPayment("pending", order.total, reference=f"order-{order.reference}"),)


def cancel_targets(order: ShopOrder) -> dict[str, int]:
    """How many units of each line have left the order by now, all told."""
    if order.canceled_at is not None:
        return {line.line: line.quantity for line in wanted_lines(order)}
    return {line.line: line.canceled for line in wanted_lines(order) if line.canceled}


def gone_there(order: ShopOrder) -> dict[str, int]:
    """How many units of each line the platform says the customer has."""
    gone: dict[str, int] = {}
    for fulfillment in order.fulfillments:
        for line, units in fulfillment.units.items():
            gone[line] = gone.get(line, 0) + units
    if order.fulfilled and not gone:
        return {line.line: line.quantity - line.canceled for line in wanted_lines(order)}
    return gone


def _all_known(plan: Sequence[Share], names: Names) -> None:
    items = {share.line.item: share.line.title for share in plan if share.line.item not in names.items}
    places = {
        share.work.place: share.work.place_name for share in plan if share.work.place not in names.places
    }
    unknown = [_called(unknown_item(name), items[name]) for name in sorted(items)]
    unknown += [_called(unknown_place(name), places[name]) for name in sorted(places)]
    if unknown:
        raise CannotKnow("; ".join(unknown))


def _called(said: str, called: str) -> str:
    return f"{said}, called {called} there" if called else said


def _lines(ware: ShopLine, plan: Sequence[Share], names: Names) -> list[NewLine]:
    """One line of ours for each place that works units of it; tax and discount split to the cent."""
    mine = [share for share in plan if share.line.line == ware.line]
    units = [share.units for share in mine]
    taxes, discounts = (
        apportion(amount.minor, units) if units else [] for amount in (ware.tax, ware.discount)
    )
    currency = ware.unit_price.currency
    return [
        NewLine(
            sku=names.items[ware.item],
            quantity=share.units,
            unit_price=ware.unit_price,
            method=METHODS[share.work.way],
            location=names.places[share.work.place],
            tax=Money(tax, currency),
            discount=Money(discount, currency),
            title=ware.title,
            source_line=ware.line,
        )
        for share, tax, discount in zip(mine, taxes, discounts, strict=True)
    ]


def _terms(order: ShopOrder) -> dict[str, object]:
    return {"said_by_source": dict(order.remarks)} if order.remarks else {}
