"""Labels: decide (a wish with its own key is stored), do (the carrier is asked by that key), record (what it gave).

A crash in between loses nothing: the worker asks again by the same key and gets the same label. A label that nobody
needs any more (the order was canceled, the package opened) is taken back the same way.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from ambidex.domains import fulfillment, locations, orders, shipping
from ambidex.domains.locations import Location
from ambidex.domains.orders import Order
from ambidex.domains.shipping import Label, LabelState, Package, Printed
from ambidex.flows import ownership
from ambidex.flows.carrier_port import CARRIERS, CarrierDown, CarrierRefused, Carriers, Parcel
from ambidex.flows.locked_work import lock_work
from ambidex.flows.pack import packages_of
from ambidex.kernel.actor import SYSTEM, Actor, Permission
from ambidex.kernel.problem import BadInput, MovedOn
from ambidex.runtime import crash
from ambidex.runtime.db import Read, Tx
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

AT_ONCE = 20
WAIT_SECONDS = (2, 5, 15, 60, 300)
# so long a label may take before a person sees to it
PATIENCE = timedelta(minutes=10)
NAME_MAX = 40
log = structlog.get_logger("ambidex.label")


async def print_labels(
    run: Run, outside: Outside, actor: Actor, *, work_id: str, carrier: str = "", service: str = ""
) -> list[Package]:
    """A label for each package of this work that has none, now. Raises CarrierDown, CarrierRefused."""
    wanted = await run.perform(actor, ask_labels, work_id=work_id, carrier=carrier, service=service)
    failed: CarrierDown | CarrierRefused | None = None
    for label in wanted:
        if label.state is LabelState.WANTED:
            failed = await _print(run, outside, label) or failed
    if failed is not None:
        raise failed
    async with run.reading() as read:
        work = await fulfillment.work_from_id(read, work_id)
        return await packages_of(read, work)


async def ask_labels(tx: Tx, *, work_id: str, carrier: str = "", service: str = "") -> list[Label]:
    """Store the wish for a label of each package that has none. `carrier` "": the one that the place uses first."""
    if max(len(carrier), len(service)) > NAME_MAX:
        raise BadInput("carrier", errors=[{"field": "carrier", "expected": f"up to {NAME_MAX} characters"}])
    locked = await lock_work(tx, work_id)
    tx.actor.must(Permission.WORK_DO, at=locked.work.location_id)
    here = [
        package
        for package in await packages_of(tx, locked.work)
        if package.state is shipping.PackageState.PACKED
    ]
    return await shipping.want_labels(tx, here, carrier=carrier, service=service)


async def print_waiting(run: Run, outside: Outside) -> bool:
    """Ask carriers for what waits, oldest first; whether there may be more. One beat of the worker."""
    async with run.reading() as read:
        waiting = await shipping.find.waiting_labels(read, now=run.clock(), limit=AT_ONCE)
    for label in waiting:
        try:
            if label.state is LabelState.WANTED:
                await _print(run, outside, label)
            else:
                await _void(run, outside, label)
        except MovedOn:
            log.info("settled-elsewhere", key=label.key)
    return len(waiting) == AT_ONCE


async def _print(run: Run, outside: Outside, label: Label) -> CarrierDown | CarrierRefused | None:
    carriers = outside.via(CARRIERS)
    async with run.reading() as read:
        parcel = await decide(read, label)
    crash.point("label-before")
    try:
        printed = await carriers.make_label(parcel)
    except CarrierDown as cause:
        await run.perform(SYSTEM, later, label=label, reason=f"{cause.title} {cause.detail}".strip())
        return cause
    except CarrierRefused as cause:
        await run.perform(SYSTEM, refused, label=label, reason=cause.detail or cause.title)
        return cause
    crash.point("label-after")
    await run.perform(SYSTEM, made, label=label, printed=printed)
    return None


async def _void(run: Run, outside: Outside, label: Label) -> None:
    carriers: Carriers = outside.via(CARRIERS)
    try:
        answer, voided = await carriers.void_label(label.key, label.carrier_ref), True
    except CarrierDown as cause:
        await run.perform(SYSTEM, later, label=label, reason=f"{cause.title} {cause.detail}".strip())
        return
    except CarrierRefused as cause:
        answer, voided = cause.detail or cause.title, False
    crash.point("label-voided")
    await run.perform(SYSTEM, taken_back, label=label, voided=voided, answer=answer)


async def decide(read: Read, label: Label) -> Parcel:
    """What the carrier is told."""
    package = await shipping.find.package(read, label.order_id, label.package_no)
    order = await orders.order(read, label.order_id)
    place = await locations.by_id(read, package.location_id)
    return Parcel(
        key=label.key,
        carrier=label.carrier,
        service=label.service,
        grams=package.grams,
        size=package.size,
        sender=_sender(place),
        receiver=_receiver(order),
        reference=f"{order.number}/{package.package_no}",
    )


async def made(tx: Tx, *, label: Label, printed: Printed) -> Package:
    """The carrier gave it."""
    await orders.lock_order(tx, label.order_id)
    package = await shipping.label_made(tx, label, printed)
    if package.label_no != label.label_no:
        return package
    outcome = f"label {printed.tracking_number}"
    # those that the carrier refused before it are nobody's trouble any more
    wished = await shipping.find.labels_of(tx, label.order_id, [label.package_no])
    _ = [await ownership.solved(tx, _key(one), outcome=outcome) for one in wished]
    return package


async def refused(tx: Tx, *, label: Label, reason: str) -> None:
    """The carrier does not take it so: the place corrects the package, or an agent the address."""
    order = await orders.lock_order(tx, label.order_id)
    if not await shipping.label_refused(tx, label, reason=reason):
        return
    await _ask_person(tx, order, label, kind="label-refused", reason=reason)


async def later(tx: Tx, *, label: Label, reason: str) -> None:
    """Again in a while; a person is asked when it has taken too long."""
    order = await orders.lock_order(tx, label.order_id)
    known = await shipping.find.label(tx, label.order_id, label.package_no, label_no=label.label_no)
    if known.state is not label.state:
        return
    await shipping.label_later(tx, known, reason=reason, next_at=_next(known, tx.now))
    if tx.now - label.asked_at > PATIENCE:
        await _ask_person(tx, order, label, kind="carrier-silent", reason=reason)


async def taken_back(tx: Tx, *, label: Label, voided: bool, answer: str) -> None:
    """The carrier took it back, or it is paid for nothing: then somebody asks for the money."""
    order = await orders.lock_order(tx, label.order_id)
    if not await shipping.label_voided(tx, label, voided=voided, answer=answer):
        return
    await ownership.solved(tx, _key(label), outcome=answer)
    if not voided:
        await _ask_person(tx, order, label, kind="label-not-voided", reason=answer)


async def _ask_person(tx: Tx, order: Order, label: Label, *, kind: str, reason: str) -> None:
    titles = {
        "label-refused": f"No label for parcel {label.package_no} of order {order.number}",
        "carrier-silent": f"The carrier gives no label for parcel {label.package_no} of order {order.number}",
        "label-not-voided": f"An unused label of order {order.number} was not taken back",
    }
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind=kind,
        cause="platform",
        title=titles[kind],
        detail=reason[:500],
        key=_key(label) if kind != "label-not-voided" else f"{_key(label)}:void",
        role="agent",
    )


def _sender(place: Location) -> dict[str, object]:
    return {**place.address, "name": place.name, "city": place.city, "phone": place.phone}


def _receiver(order: Order) -> dict[str, object]:
    return {
        "name": order.contact.name,
        "phone": order.contact.phone,
        "email": order.contact.email,
        **(order.address or {}),
    }


def _next(label: Label, now: datetime) -> datetime:
    return now + timedelta(seconds=WAIT_SECONDS[min(label.attempts, len(WAIT_SECONDS) - 1)])


def _key(label: Label) -> str:
    return f"label:{label.key}"
