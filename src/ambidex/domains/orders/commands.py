"""Changing orders. Flows lock the order first, ask the actor, and call these.

Lock order of every flow: keys and references, order, lines, work, promises, payment, limits of capacity, stock last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from ambidex.domains.orders import queries, rules, store
from ambidex.domains.orders.events import (
    AddressChanged,
    ContactChanged,
    ItemReplaced,
    OrderCanceled,
    OrderClosed,
    OrderConfirmed,
    OrderPlaced,
    OrderReopened,
    SourceVersionNoted,
    UnitsCanceled,
)
from ambidex.domains.orders.model import MOVES, Contact, Draft, Instead, Line, LineState, Order, OrderState
from ambidex.domains.orders.problems import ReferenceReused, UnknownLine
from ambidex.kernel.event import Event
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import MovedOn, Problem, UnknownOrder
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx, Write


async def claim_keys(tx: Tx, drafts: Sequence[Draft]) -> dict[OrderId, OrderId | Problem]:
    """Claim (source, reference) for each draft; those that will not be placed, with the reason as a value.

    The reason is the order placed before from the same content, ReferenceReused for other content, or BadInput.
    """
    settled: dict[OrderId, OrderId | Problem] = {}
    for draft in drafts:
        if wrong := rules.faults(draft.new):
            settled[draft.order_id] = wrong
    sound = {(d.source_id, d.new.reference): d for d in reversed(drafts) if d.order_id not in settled}
    hashes = [rules.content_hash(d.new) for d in sound.values()]
    taken = await store.claim_keys(tx, list(sound.values()), hashes) if sound else {}
    for draft in drafts:
        key = (draft.source_id, draft.new.reference)
        if draft.order_id in settled:
            continue
        if key in taken:
            known, content = taken[key].order_id, taken[key].content_hash
        elif sound[key] is not draft:
            known, content = sound[key].order_id, rules.content_hash(sound[key].new)
        else:
            continue
        same = rules.asks_the_same(draft.new, content)
        settled[draft.order_id] = known if same else ReferenceReused(reference=draft.new.reference)
    return settled


Agreed = tuple[Draft, tuple[Line, ...], OrderState]
HISTORY = "history"


def begin(
    tx: Tx,
    agreed: Sequence[Agreed],
    *,
    with_it: Callable[[Order], Mapping[str, Any]] = lambda _: {},
    refused: Sequence[Draft] = (),
    ended: Mapping[OrderId, datetime] | None = None,
) -> tuple[list[Order], tuple[Write, ...]]:
    """Orders with lines and states decided, and what is to be written; the keys of those refused are given up.

    `with_it` says what begins with an order, in the words of its event: one event tells all that became true at once.
    `ended`: these orders were over when they came, then; they are written as history, and nothing of them happens here.
    """
    orders = [rules.place(draft, lines, state, now=tx.now) for draft, lines, state in agreed]
    how: dict[str, Any] = {} if ended is None else {"cause": HISTORY}
    for (draft, _, _), order in zip(agreed, orders, strict=True):
        told = OrderPlaced(
            number=order.number,
            source=draft.new.source,
            reference=order.reference,
            channel=order.channel,
            total=order.total,
            units=sum(line.quantity for line in order.lines),
            short=sum(line.units(LineState.SHORT) for line in order.lines),
            **with_it(order),
        )
        _tell(tx, order.order_id, told, actor=draft.actor, happened_at=order.placed_at, **how)
    if ended is None:
        return orders, (store.forgotten_keys(refused), *store.placed(orders, now=tx.now))
    for order in orders:
        over = OrderCanceled() if order.state is OrderState.CANCELED else OrderClosed()
        _tell(tx, order.order_id, over, happened_at=ended[order.order_id], **how)
    return orders, store.past(orders, now=tx.now)


async def lock_orders(tx: Tx, order_ids: Sequence[OrderId], *, skip_busy: bool = False) -> list[OrderId]:
    """Lock orders as one list, in order of their ids; `skip_busy`: only those that nobody else works on now."""
    return await store.lock_list(tx, order_ids, skip_busy=skip_busy) if order_ids else []


async def lock_order(tx: Tx, order_id: OrderId) -> Order:
    """The order, locked until the end of the transaction: first of all in every flow that changes one.

    Raises UnknownOrder.
    """
    if not await store.lock(tx, order_id):
        raise UnknownOrder(order_id=str(order_id))
    return await queries.order(tx, order_id)


async def move_lines(
    tx: Tx, order_id: OrderId, units: Mapping[int, int], *, origin: LineState, to: LineState
) -> None:
    """Move units of several lines (number -> units) the same way, in one statement. Raises MovedOn."""
    assert (origin, to) in MOVES, f"no verb leads from {origin} to {to}"
    assert all(quantity > 0 for quantity in units.values()), "units are counted from one"
    changes = {line_no: {origin: -quantity, to: quantity} for line_no, quantity in units.items()}
    if changes and not await store.move(tx, order_id, changes):
        raise MovedOn(order_id=str(order_id), origin=origin.value)


Wanted = int | None | Mapping[LineState, int]


async def cancel_units(
    tx: Tx, order: Order, asked: Mapping[int, Wanted], *, reason: str
) -> dict[int, Mapping[LineState, int]]:
    """Cancel units by line number: so many, all that can be (None), or exactly these by state; where they were.

    The least advanced go first. Call with the order locked. Raises UnknownLine, TooLateToCancel, NothingToCancel.
    """
    plan = {line_no: _planned(order, line_no, wanted) for line_no, wanted in asked.items()}
    changes = {
        line_no: {**{state: -n for state, n in units.items()}, LineState.CANCELED: sum(units.values())}
        for line_no, units in plan.items()
    }
    if not await store.move(tx, order.order_id, changes):
        raise MovedOn(order_id=str(order.order_id))
    told = [{"line": n, "quantity": sum(u.values()), "was": dict(u)} for n, u in sorted(plan.items())]
    _tell(tx, order.order_id, UnitsCanceled(told, reason), cause=reason)
    return plan


def _planned(order: Order, line_no: int, wanted: Wanted) -> Mapping[LineState, int]:
    line = order.line(line_no)
    if line is None:
        raise UnknownLine(line=line_no)
    return wanted if isinstance(wanted, Mapping) else rules.cancel_plan(line, wanted)


async def _replace_item(tx: Tx, order: Order, instead: Instead, *, worth: Money) -> Line:
    """The customer agreed: units that wait become *substituted*, and a line of another item is open. The order is locked.

    `worth` is what those units were bought for. What is cheaper is no smaller total, and no smaller tax in it: the difference
    goes back with its tax (refund_due).
    """
    line = rules.line_instead(order, instead, worth=worth)
    await move_lines(
        tx, order.order_id, instead.replaces, origin=LineState.BACKORDERED, to=LineState.SUBSTITUTED
    )
    more, tax_before = instead.price - worth, rules.tax_of_replaced(order, instead)
    # total and tax of the order speak of the same goods: neither falls
    rises = {"more": max(0, more.minor), "more_tax": max(0, line.tax.minor - tax_before)}
    await store.add_line(tx, order.order_id, line, **rises)
    told = ItemReplaced(instead.line_no, line.line_no, line.sku, line.quantity, instead.price, more)
    _tell(tx, order.order_id, told)
    return line


class Replacing:
    """Another item in place of units that wait: what is agreed, the line it becomes, and writing it down."""

    Item: TypeAlias = Instead
    line = staticmethod(rules.line_instead)
    agree = staticmethod(_replace_item)


async def confirm(tx: Tx, order_id: OrderId) -> None:
    """Money and stock are secured now. Confirming twice is no fault."""
    if await store.set_state(tx, order_id, origins=[OrderState.PLACED], to=OrderState.CONFIRMED):
        _tell(tx, order_id, OrderConfirmed())


async def close_if_done(tx: Tx, order: Order) -> OrderState | None:
    """Make the commercial state agree with the lines as they are now; the new state, None when it agreed.

    Closed when nothing is left to happen, canceled when moreover no unit remains, reopened when something is
    left to happen again.
    """
    state = await store.match_lines(tx, order.order_id)
    if state is not None:
        _tell(tx, order.order_id, _AGREED[state]())
    return state


async def note_source_version(tx: Tx, order_id: OrderId, version_at: datetime) -> bool:
    """A version of the source's own record was applied; False when a newer one was applied before."""
    newer = await store.note_version(tx, order_id, version_at)
    if newer:
        _tell(tx, order_id, SourceVersionNoted(version_at.isoformat()))
    return newer


async def change_contact(
    tx: Tx, order_id: OrderId, contact: Contact, *, address: Mapping[str, Any] | None = None
) -> None:
    """The customer is reached differently from now on; `address`: what is still to be sent goes there."""
    await store.set_contact(tx, order_id, contact)
    if address is None:
        _tell(tx, order_id, ContactChanged())
        return
    await store.set_address(tx, order_id, address)
    _tell(tx, order_id, AddressChanged())


async def send_lines_to(
    tx: Tx, order_id: OrderId, line_nos: Iterable[int], *, location_id: LocationId | None
) -> None:
    """These lines have another place: the customer agreed, or goods are sent from elsewhere; None: there is none yet."""
    await store.send_lines(tx, order_id, sorted(line_nos), location_id)


_AGREED: Mapping[OrderState, type[OrderClosed | OrderCanceled | OrderReopened]] = {
    OrderState.CLOSED: OrderClosed,
    OrderState.CANCELED: OrderCanceled,
    OrderState.CONFIRMED: OrderReopened,
}


def _tell(tx: Tx, order_id: OrderId, told: Event, **details: Any) -> None:
    tx.announce(Ref("order", order_id.hex), told, order_id=order_id, **details)
