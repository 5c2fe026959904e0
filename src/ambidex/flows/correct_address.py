"""The address of what was not sent yet is put right: its place stays, labels with the old one are given back, new ones asked for.

Who sees the contact may correct it: an agent, or whoever works at the one place that sends it; one that refused it has no say.
What has left goes where its label says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import groupby

from ambidex.domains import fulfillment, orders, shipping
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.orders import Method, Order
from ambidex.domains.shipping import Label, Package, PackageState
from ambidex.flows import ownership
from ambidex.flows.parcels import must_say_why
from ambidex.flows.serving import destination
from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.problem import BadInput, FieldError, NotAllowed, Problem
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx

FIELD_MAX = 200
NEEDED = ("line1", "city", "postcode")
FIELDS = (*NEEDED, "line2", "region", "country")
# every name that a source gives to what is said anew; where it lies on the map is not known any more
_SAID_ANEW = frozenset({
    "line1", "address1", "street", "line2", "address2", "city", "postcode", "zip", "postal_code", "region", "state",
    "province", "province_code", "latitude", "longitude", "lat", "lng",
})  # fmt: skip
_COUNTRY = frozenset({"country", "country_code"})
STILL_HERE = frozenset({
    WorkState.OFFERED, WorkState.ACCEPTED, WorkState.PICKING, WorkState.PICKED, WorkState.PACKED,
})  # fmt: skip


class NothingToSend(Problem):
    """Nothing of this order is still to be sent."""

    status, code = 409, "nothing-to-send"
    advice = "Ask the carrier to redirect the parcel, or open its page and send the same again."


class AnotherCountry(Problem):
    """An address in another country is another order: taxes, price and who may send it differ."""

    status, code = 409, "another-country"
    advice = "Cancel the order and place it anew with the new address."


def may_correct(actor: Actor, places: Collection[LocationId]) -> bool:
    """Whether this person sees the contact at every place that sends it: one address stands on all its labels."""
    if not places:
        return actor.may(Permission.ORDERS_CONTACT)
    return all(actor.may(Permission.ORDERS_CONTACT, at=place) for place in places)


async def correct_address(tx: Tx, order_id: OrderId, *, address: Mapping[str, str], reason: str) -> Order:
    """Keep the new address, and ask again for every label that has the old one. Raises NothingToSend, AnotherCountry."""
    order = await orders.lock_order(tx, order_id)
    sent = [one for one in await fulfillment.works_of(tx, order_id) if one.method != Method.PICKUP]
    here = [work for work in sent if work.state in STILL_HERE]
    places = {work.location_id for work in here or sent} or {
        line.location_id for line in order.lines if line.location_id
    }
    if not may_correct(tx.actor, places):
        raise NotAllowed(f"{tx.actor.name} does not work wherever it is sent from; an agent may correct it")
    must_say_why(reason)
    if not here and not any(line.may_be_canceled for line in order.lines if line.method is not Method.PICKUP):
        raise NothingToSend(order=order.number)
    await orders.change_contact(tx, order_id, order.contact, address=corrected(order.address or {}, address))
    _ = [await _label_again(tx, work, reason) for work in here]
    await ownership.settle(tx, order_id)
    return await orders.order(tx, order_id)


def corrected(old: Mapping[str, object], said: Mapping[str, str]) -> dict[str, object]:
    """The new fields in place of the old ones, whatever these were called; names and phones stay."""
    new = {name: seen(said.get(name, "")) for name in FIELDS}
    _must_be_whole(new)
    known, asked = destination(old)[0], new["country"].upper()
    if asked and known and asked != known:
        raise AnotherCountry(known=known, asked=asked)
    drop = _SAID_ANEW | (_COUNTRY if asked else frozenset())
    kept = {name: value for name, value in old.items() if name not in drop}
    return {**kept, **{name: value for name, value in {**new, "country": asked}.items() if value}}


def _must_be_whole(new: Mapping[str, str]) -> None:
    errors: list[FieldError] = [
        {"field": name, "expected": "what stands on the label"} for name in NEEDED if not new[name]
    ]
    errors += [
        {"field": name, "expected": f"up to {FIELD_MAX} characters"}
        for name, value in new.items()
        if len(value) > FIELD_MAX
    ]
    if new["country"] and len(new["country"]) != len("GB"):
        errors.append({"field": "country", "expected": "two letters, such as GB"})
    if errors:
        raise BadInput(errors=errors)


async def _label_again(tx: Tx, work: Work, reason: str) -> list[Label]:
    """Packages that have a label, or that a carrier refused one, get another wish of the same kind."""
    found = await shipping.find.packages_of(tx, work.order_id, work_no=work.work_no)
    packed = {one.package_no: one for one in found if one.state is PackageState.PACKED}
    wished = await shipping.find.labels_of(tx, work.order_id, sorted(packed))
    last = {label.package_no: label for label in wished}

    def kind(package: Package) -> tuple[str, str]:
        label: Label = last[package.package_no]
        return label.carrier, label.service

    asked = sorted((one for no, one in packed.items() if no in last), key=kind)
    why = f"address corrected: {reason}"
    wished_anew = [
        await shipping.want_labels(tx, list(packages), carrier=carrier, service=service, anew=why)
        for (carrier, service), packages in groupby(asked, key=kind)
    ]
    return [label for labels in wished_anew for label in labels]
