"""Our order follows the platform's: placed when new, then money, cancellations, refunds and hand-overs as it tells them.

Everything here is a level, not a step ("three units are out by now"), so messages may repeat, overtake or be
missing: whatever order they come in, the end is the same. An older version never overwrites a newer one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import catalogue, channels, orders, payments
from ambidex.domains.channels import Source
from ambidex.domains.orders import Contact, Line, LineState, Order
from ambidex.flows import cancel, ownership, place_order, shop_words
from ambidex.flows.kits import bought_units, sold_units
from ambidex.flows.shop_port import MoneyReport, ReportKind, ShopOrder, ShopRefund, ShopWork
from ambidex.flows.shop_words import CannotKnow, Names, NotYet
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.values import replace
from ambidex.runtime.db import Read, Tx

NO_CONNECTION = "the shop cannot be asked how and where its orders are collected (no connection)"
CANCELED_THERE = "canceled in the shop it was bought from"
LEFT = (LineState.HANDED_OVER, LineState.SHIPPED, LineState.DELIVERED)
GONE = (*LEFT, LineState.RETURNED)


async def follow(tx: Tx, source: Source, shop: ShopOrder, *, works: Sequence[ShopWork] | None) -> str:
    """Bring our order to where the platform's stands; says in words what changed. `works` None: it is known here.

    Raises CannotKnow, NotYet.
    """
    known = await orders.ask.by_reference(tx, source.source_id, shop.reference)
    if known is None:
        return await _place(tx, source, shop, works=works)
    order = await orders.lock_order(tx, known.order_id)
    if order.source_version is not None and shop.version < order.source_version:
        return "older than what is known"
    changed = await _level(tx, order, shop)
    await orders.note_source_version(tx, order.order_id, shop.version)
    return "; ".join(changed) or "nothing new"


async def names_known(read: Read, source: Source, plan: Sequence[shop_words.Share]) -> Names:
    """What the platform's names stand for here: mapped by a person, else an item of the same SKU."""
    items = {share.line.item for share in plan}
    places = {share.work.place for share in plan}
    mapped = await channels.mapped(read, source.source_id, kind="item", externals=items)
    same = await catalogue.by_skus(read, sorted(items - set(mapped)))
    codes = await channels.mapped(read, source.source_id, kind="place", externals=places)
    return Names({**{sku: sku for sku in same}, **mapped}, codes)


async def _place(tx: Tx, source: Source, shop: ShopOrder, *, works: Sequence[ShopWork] | None) -> str:
    plan = await _plan(tx, source, shop, works=works)
    if not plan:
        return "nothing in it is collected or sent"
    new = shop_words.new_order(source, shop, plan, names=await names_known(tx, source, plan))
    placed = await place_order.place_order(tx, new, sold_elsewhere=True)
    order = await orders.lock_order(tx, placed.order_id)
    return "; ".join(["placed", *await _level(tx, order, shop)])


async def _plan(
    read: Read, source: Source, shop: ShopOrder, *, works: Sequence[ShopWork] | None
) -> list[shop_words.Share]:
    """Who works what: as the platform says, unless a person had to say where this order is collected."""
    name = shop_words.said_place(shop)
    if await channels.mapped(read, source.source_id, kind="place", externals=[name]):
        return shop_words.shares(shop, [shop_words.said_by_person(shop)])
    if works is None:
        raise CannotKnow(shop_words.nowhere(shop, NO_CONNECTION))
    try:
        return shop_words.shares(shop, works)
    except (NotYet, CannotKnow) as cause:
        raise type(cause)(shop_words.nowhere(shop, str(cause))) from cause


async def _level(tx: Tx, order: Order, shop: ShopOrder) -> list[str]:
    """Money taken before units canceled before money given back: each rests on the one before."""
    changed = [
        *await _contact(tx, order, shop),
        *await _money(tx, order, shop.money),
        *await _cancel(tx, order, shop_words.cancel_targets(shop)),
        *await _refunds(tx, order.order_id, shop.refunds),
        *await _gone_elsewhere(tx, order.order_id, shop_words.gone_there(shop)),
    ]
    return list(dict.fromkeys(changed))


async def _contact(tx: Tx, order: Order, shop: ShopOrder) -> list[str]:
    """What the platform no longer tells stays as it was."""
    now = Contact(
        shop.buyer.name or order.contact.name,
        shop.buyer.email or order.contact.email,
        shop.buyer.phone or order.contact.phone,
    )
    if now == order.contact:
        return []
    await orders.change_contact(tx, order.order_id, now)
    return ["contact changed"]


async def _money(tx: Tx, order: Order, reports: Sequence[MoneyReport]) -> list[str]:
    """What is authorized and captured by now; only the difference to what is known becomes a fact."""
    known = await payments.money(tx, order.order_id)
    fresh = [one for report in reports if (one := _difference(report, known)) is not None]
    said = [await _report(tx, order.order_id, report) for report in fresh]
    return [one for one in said if one]


def _difference(report: MoneyReport, known: payments.OrderMoney) -> MoneyReport | None:
    total = f"{report.reference}:{report.amount.decimal}"
    match report.kind:
        case ReportKind.CAPTURED if report.amount.minor > known.captured.minor:
            return replace(report, amount=report.amount - known.captured, reference=total)
        case ReportKind.AUTHORIZED if known.authorized.minor == 0 and known.captured.minor == 0:
            return replace(report, reference=total)
        case ReportKind.VOIDED if known.captured.minor == 0:
            return report
    return None


async def _cancel(tx: Tx, order: Order, targets: Mapping[str, int]) -> list[str]:
    """Cancel until as many units are out as the platform says, least advanced first."""
    wanted: dict[int, int] = {}
    too_late = 0
    for source_line, target in targets.items():
        for mine, units_out in _ours(order, source_line, target):
            left = units_out - sum(line.units(LineState.CANCELED) for line in mine)
            for line in sorted(mine, key=lambda one: one.may_be_canceled, reverse=True):
                units = max(0, min(left, line.may_be_canceled))
                left -= units
                wanted |= {line.line_no: units} if units else {}
            too_late += max(0, min(left, sum(line.units(*LEFT) for line in mine)))
    if wanted:
        await cancel.cancel(tx, order.order_id, lines=wanted, reason=CANCELED_THERE)
    if too_late:
        await _too_late(tx, order, too_late)
    return [f"{sum(wanted.values())} canceled"] if wanted else []


def _ours(order: Order, source_line: str, target: int) -> list[tuple[list[Line], int]]:
    """Our lines of a line of the platform, with how many units are to be out; each component of a kit for itself."""
    mine = [line for line in order.lines if line.source_line == source_line]
    alone = [line for line in mine if not line.kit_no]
    return [
        *([(alone, target)] if alone else []),
        *(([one], bought_units(one, target)) for one in mine if one.kit_no),
    ]


async def _refunds(tx: Tx, order_id: OrderId, refunds: Sequence[ShopRefund]) -> list[str]:
    known = {fact.reference for fact in (await payments.money(tx, order_id)).facts}
    fresh = [one for refund in refunds for one in refund.money if one.reference not in known]
    said = [await _report(tx, order_id, report) for report in fresh]
    asked = [await _unclear(tx, order_id, refund) for refund in refunds if refund.unclear]
    return [one for one in (*said, *asked) if one]


async def refunded(tx: Tx, order_id: OrderId, refund: ShopRefund) -> list[str]:
    """One refund that the platform's own order does not show yet. Call with the order locked."""
    return await _refunds(tx, order_id, [refund])


async def _report(tx: Tx, order_id: OrderId, report: MoneyReport) -> str:
    """Write the platform's word down; what does not fit what it said before goes to a person, not away."""
    money = await payments.money(tx, order_id)
    if report.amount.currency != money.currency or _does_not_fit(report, money):
        await _odd_money(tx, order_id, report, money)
        return "money handed to a person"
    new = await payments.report(
        tx,
        order_id=order_id,
        kind=report.kind.value,
        amount=report.amount,
        reference=report.reference,
        reported_by=tx.actor.id,
        happened_at=report.happened_at,
    )
    return f"{report.amount.decimal} {report.kind.value}" if new else ""


def _does_not_fit(report: MoneyReport, money: payments.OrderMoney) -> bool:
    left = money.captured.minor - money.refunded.minor
    return report.kind is ReportKind.REFUNDED and report.amount.minor > left


async def _gone_elsewhere(tx: Tx, order_id: OrderId, gone: Mapping[str, int]) -> list[str]:
    """The platform says the customer has units that nobody here handed over: a person finds out, nothing moves."""
    order = await orders.order(tx, order_id)
    open_lines = [line for line in order.lines if line.still_to_happen]
    missing = {
        source_line: units - _handed_over(order, source_line)
        for source_line, units in gone.items()
        if units > _handed_over(order, source_line) and any(x.source_line == source_line for x in open_lines)
    }
    key = f"fulfilled-elsewhere:{order_id.hex}:{sum(gone.values())}"
    if not missing:
        await ownership.solved(tx, key, outcome="it was handed over or canceled here")
        return []
    count = sum(missing.values())
    line = next(one for one in open_lines if one.source_line in missing)
    await ownership.hand_to_person(
        tx,
        order_id=order_id,
        kind="fulfilled_elsewhere",
        cause="platform",
        title="The shop says it was collected; nothing here proves it",
        detail=f"{count} units are fulfilled in the shop. Look whether they are still here, then hand over or count.",
        key=key,
        role="lead",
        about=ownership.About(location_id=line.location_id, facts={"units": count}),
    )
    return ["fulfilled elsewhere without evidence"]


def _handed_over(order: Order, source_line: str) -> int:
    mine = [line for line in order.lines if line.source_line == source_line]
    return sold_units(mine, {line.line_no: line.units(*GONE) for line in mine})


async def _too_late(tx: Tx, order: Order, units: int) -> None:
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="canceled_after_hand_over",
        cause="platform",
        title="Canceled in the shop after the customer had it",
        detail=f"{units} units were handed over here and canceled there. Agree with the customer: keep or bring back.",
        key=f"canceled-after-hand-over:{order.order_id.hex}:{units}",
        role="agent",
        about=ownership.About(facts={"units": units}),
    )


async def _unclear(tx: Tx, order_id: OrderId, refund: ShopRefund) -> str:
    units = sum(refund.unclear.values())
    await ownership.hand_to_person(
        tx,
        order_id=order_id,
        kind="refund_unclear",
        cause="platform",
        title="Refunded in the shop: do the units still go to the customer?",
        detail=f"The refund names {units} units without saying whether they leave the order. Cancel them here if so.",
        key=f"refund-unclear:{order_id.hex}:{refund.reference}",
        role="agent",
        about=ownership.About(facts={"units": units, "refund": refund.reference}),
    )
    return "a person looks at the refund"


async def _odd_money(tx: Tx, order_id: OrderId, report: MoneyReport, money: payments.OrderMoney) -> None:
    owed = Money(money.captured.minor - money.refunded.minor, money.currency)
    await ownership.hand_to_person(
        tx,
        order_id=order_id,
        kind="money_disagrees",
        cause="platform",
        title="What the shop says about the money does not fit",
        detail=(
            f"{report.amount.decimal} {report.amount.currency} {report.kind.value}, "
            f"but {owed.decimal} {owed.currency} are left of what it said it took."
        ),
        key=f"money-disagrees:{order_id.hex}:{report.reference}",
        role="agent",
        about=ownership.About(facts={"reference": report.reference}),
    )
