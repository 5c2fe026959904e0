"""A parcel that did not arrive is somebody's work, with a deadline and a choice (flows/delivery.py does what is chosen)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import Order
from ambidex.domains.shipping import Package
from ambidex.flows import ownership
from ambidex.flows.locked_work import LockedWork
from ambidex.flows.ownership import About
from ambidex.flows.parcel_words import say_of
from ambidex.runtime.db import Tx

CHOOSE_WITHIN = timedelta(hours=24)
BACK_WITHIN = timedelta(days=10)


def key_of(package: Package) -> str:
    """What is to be chosen for a parcel that did not arrive."""
    return f"parcel:{package.id}"


def back_key(package: Package) -> str:
    """Bringing in what comes back."""
    return f"parcel-back:{package.id}"


def money_key(package: Package) -> str:
    """Whether the money goes back, or the goods are sent anew."""
    return f"{key_of(package)}:money"


async def failed(tx: Tx, after: LockedWork, package: Package, *, words: str, at: datetime) -> None:
    """The carrier could not deliver: an agent chooses within a day; the customer hears it at once."""
    await _ask(
        tx,
        after,
        package,
        kind="delivery-failed",
        title=f"Parcel {package.package_no} of order {after.order.number} was not delivered",
        detail=f"The carrier says: {words}." if words else "The carrier does not say why.",
        choices=("try-again", "send-again", "bring-back", "lost"),
    )
    await say_of(
        tx,
        after,
        package,
        MessageKind.DELIVERY_FAILED,
        fact_key=f"delivery-failed:{package.package_no}:{at:%Y%m%dT%H%M}",
        proof=("shipping.delivery-failed",),
        cause_words=words,
    )


async def turned_back(tx: Tx, after: LockedWork, package: Package, *, words: str) -> None:
    """It is on its way back: the place brings it in, an agent pays back or asks the customer."""
    await ownership.solved(tx, key_of(package), outcome="it comes back")
    said = f"The carrier says: {words}." if words else "The carrier does not say why."
    await ask_money(tx, after, package, detail=said)
    await bring_in(tx, after.order, package)
    await say_of(
        tx,
        after,
        package,
        MessageKind.SENT_BACK,
        fact_key=f"sent-back:{package.package_no}",
        proof=("shipping.sent-back",),
        cause_words=words,
    )


async def back_after_all(tx: Tx, locked: LockedWork, package: Package) -> None:
    """The carrier said delivered, and that it comes back: nobody knows where it is until somebody has it in hand."""
    order = locked.order
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="parcel-back-after-delivery",
        cause="platform",
        title=f"Find out where parcel {package.package_no} of order {order.number} is",
        detail="The carrier says that it was delivered, and that it comes back. Ask the carrier and the customer; "
        "when it turns up, scan its label.",
        key=key_of(package),
        role="agent",
        about=About(due_at=tx.now + CHOOSE_WITHIN, facts={"package": package.id}),
    )


async def ask_money(tx: Tx, after: LockedWork, package: Package, *, detail: str) -> None:
    """An agent decides whether the money goes back or the same goes out again."""
    await _ask(
        tx,
        after,
        package,
        kind="parcel-returned",
        title=f"Parcel {package.package_no} of order {after.order.number} comes back: pay back or send again",
        detail=detail,
        choices=("pay-back", "send-again"),
    )


async def arrived_twice(tx: Tx, after: LockedWork, package: Package) -> None:
    """What was sent again arrived after all: the second need not go out, or the customer has it twice."""
    order = after.order
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="parcel-arrived-twice",
        cause="platform",
        title=f"Parcel {package.package_no} of order {order.number} arrived, and was sent again",
        detail="Cancel what has not left yet; else agree with the customer what becomes of the second.",
        key=f"parcel-twice:{package.id}",
        role="agent",
        about=About(due_at=tx.now + CHOOSE_WITHIN, facts={"package": package.id}),
    )


async def bring_in(tx: Tx, order: Order, package: Package) -> None:
    """The place that sent it waits for it."""
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind="parcel-comes-back",
        cause="platform",
        title=f"Scan parcel {package.package_no} of order {order.number} in when it is back",
        detail=f"{package.carrier} {package.tracking_number} is on its way back to you.".strip(),
        key=back_key(package),
        role="lead",
        about=About(
            location_id=package.location_id,
            due_at=tx.now + BACK_WITHIN,
            facts={"package": package.id, "choices": ["come-back", "lost"]},
        ),
    )


async def _ask(
    tx: Tx,
    after: LockedWork,
    package: Package,
    *,
    kind: str,
    title: str,
    detail: str,
    choices: tuple[str, ...],
) -> None:
    key = key_of(package) if kind == "delivery-failed" else money_key(package)
    await ownership.hand_to_person(
        tx,
        order_id=after.order.order_id,
        kind=kind,
        cause="platform",
        title=title,
        detail=detail,
        key=key,
        role="agent",
        about=About(due_at=tx.now + CHOOSE_WITHIN, facts={"package": package.id, "choices": list(choices)}),
    )
