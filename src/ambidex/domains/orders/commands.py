"""Changing orders. Flows lock the order first, ask the actor, and call these.

Lock order of every flow: keys and references, order, lines, payment, stock last.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains.orders import queries, store
from ambidex.domains.orders.events import (
    ContactChanged,
    LinkRevoked,
    OrderCanceled,
    OrderClosed,
    OrderConfirmed,
    OrderPlaced,
    OrderReopened,
    SourceVersionNoted,
    UnitsCanceled,
)
from ambidex.domains.orders.model import (
    MOVES,
    ORDER,
    Contact,
    LineState,
    Order,
    OrderState,
    OrderVerb,
)
from ambidex.domains.orders.problems import UnknownOrder
from ambidex.domains.orders.store import Key, KeyRow, OrderRow, Taken
from ambidex.kernel.actor import Actor
from ambidex.kernel.event import Event
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.money import Money
from ambidex.kernel.problem import MovedOn
from ambidex.kernel.ref import Ref
from ambidex.runtime.db import Tx

Plan = Mapping[int, Mapping[LineState, int]]


async def claim_keys(tx: Tx, rows: Sequence[KeyRow]) -> dict[Key, Taken]:
    """Claim (source, reference) for orders about to be written; those that are taken already."""
    return await store.claim_keys(tx, rows)


async def forget_keys(tx: Tx, rows: Sequence[KeyRow]) -> None:
    """Give up keys claimed a moment ago for orders that were refused after all."""
    await store.forget_keys(tx, rows)


async def write(tx: Tx, rows: Sequence[OrderRow]) -> bool:
    """Write a list of orders with their lines; False when a number was given before (begin again)."""
    return await store.write(tx, rows)


def tell_placed(tx: Tx, row: OrderRow, *, actor: Actor) -> None:
    """Announce one order that was written. In lists the actor travels with each order."""
    told = OrderPlaced(
        number=row.number,
        source=row.new.source,
        reference=row.new.reference,
        channel=row.new.channel,
        total=Money(row.total_minor, row.new.currency),
        units=sum(line.quantity for line in row.lines),
        short=sum(line.units(LineState.SHORT) for line in row.lines),
    )
    _tell(tx, row.order_id, told, actor=actor, happened_at=row.placed_at)


async def lock_order(tx: Tx, order_id: OrderId) -> Order:
    """The order, locked until the end of the transaction: first of all in every flow that changes one.

    Raises UnknownOrder.
    """
    if not await store.lock(tx, order_id):
        raise UnknownOrder(order_id=str(order_id))
    return await queries.order(tx, order_id)


async def move_units(
    tx: Tx, order_id: OrderId, line_no: int, *, quantity: int, origin: LineState, to: LineState
) -> None:
    """Move units of one line. Raises MovedOn when fewer are there."""
    await move_lines(tx, order_id, {line_no: quantity}, origin=origin, to=to)


async def move_lines(
    tx: Tx, order_id: OrderId, units: Mapping[int, int], *, origin: LineState, to: LineState
) -> None:
    """Move units of several lines (number -> units) the same way, in one statement. Raises MovedOn."""
    assert (origin, to) in MOVES, f"no verb leads from {origin} to {to}"
    assert all(quantity > 0 for quantity in units.values()), "units are counted from one"
    changes = {line_no: {origin: -quantity, to: quantity} for line_no, quantity in units.items()}
    if changes and not await store.move(tx, order_id, changes):
        raise MovedOn(order_id=str(order_id), origin=origin.value)


async def cancel_units(tx: Tx, order_id: OrderId, plan: Plan, *, reason: str) -> None:
    """Cancel units as planned by `cancel_plan` (line -> state -> units). Raises MovedOn."""
    changes = {
        line_no: {**{state: -n for state, n in units.items()}, LineState.CANCELED: sum(units.values())}
        for line_no, units in plan.items()
    }
    if not await store.move(tx, order_id, changes):
        raise MovedOn(order_id=str(order_id))
    told = [{"line": n, "quantity": sum(u.values()), "was": dict(u)} for n, u in sorted(plan.items())]
    _tell(tx, order_id, UnitsCanceled(told, reason), cause=reason)


async def confirm(tx: Tx, order_id: OrderId) -> None:
    """Money and stock are secured now. Confirming twice is no fault."""
    if await store.set_state(tx, order_id, origins=[OrderState.PLACED], to=OrderState.CONFIRMED):
        _tell(tx, order_id, OrderConfirmed())


async def close_if_done(tx: Tx, order: Order) -> OrderState | None:
    """Close the order when nothing is left to happen (canceled when no unit remains); its new state, else None."""
    state = await store.close_if_done(tx, order.order_id)
    if state is OrderState.CLOSED:
        _tell(tx, order.order_id, OrderClosed())
    if state is OrderState.CANCELED:
        _tell(tx, order.order_id, OrderCanceled("every unit was canceled"))
    return state


async def mark_canceled(tx: Tx, order_id: OrderId, *, reason: str) -> None:
    """The whole order is canceled. Raises MovedOn when it was over already."""
    origins = sorted(ORDER.origins(OrderVerb.CANCEL))
    if not await store.set_state(tx, order_id, origins=origins, to=OrderState.CANCELED):
        raise MovedOn(order_id=str(order_id))
    _tell(tx, order_id, OrderCanceled(reason), cause=reason)


async def reopen(tx: Tx, order_id: OrderId, *, cause: str) -> None:
    """Something is left to happen again, such as after an undone hand-over. Open orders stay as they are."""
    if await store.set_state(tx, order_id, origins=[OrderState.CLOSED], to=OrderState.CONFIRMED):
        _tell(tx, order_id, OrderReopened(), cause=cause)


async def note_source_version(tx: Tx, order_id: OrderId, version_at: datetime) -> bool:
    """A version of the source's own record was applied; False when a newer one was applied before."""
    newer = await store.note_version(tx, order_id, version_at)
    if newer:
        _tell(tx, order_id, SourceVersionNoted(version_at.isoformat()))
    return newer


async def change_contact(tx: Tx, order_id: OrderId, contact: Contact) -> None:
    """The customer is reached differently from now on."""
    await store.set_contact(tx, order_id, name=contact.name, email=contact.email, phone=contact.phone)
    _tell(tx, order_id, ContactChanged())


async def send_line_to(tx: Tx, order_id: OrderId, line_no: int, *, location_id: LocationId) -> None:
    """The customer agreed to another place for this line."""
    await store.send_line(tx, order_id, line_no, location_id)


async def revoke_link(tx: Tx, order_id: OrderId) -> int:
    """The customer's old link no longer opens the order; the new link version."""
    link_version = await store.revoke_link(tx, order_id)
    _tell(tx, order_id, LinkRevoked(link_version))
    return link_version


def _tell(tx: Tx, order_id: OrderId, told: Event, **details: Any) -> None:
    tx.announce(Ref("order", order_id.hex), told, order_id=order_id, **details)
