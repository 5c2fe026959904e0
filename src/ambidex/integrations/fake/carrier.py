"""The double of a carrier behind EasyPost's API: it gives labels, takes them back, moves parcels and tells about them.

Addresses without a street, a postcode or a country that it knows are refused, as the real one does. Its webhooks come
twice, late and out of order. `chance` is seeded by the caller.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from ambidex.integrations.easypost import signature
from ambidex.integrations.fake.label_paper import label_paper
from ambidex.kernel.values import dataclass, field

Json = dict[str, Any]
SERVICES = {"Hare Post": ("Ground", 520, 3), "Swift & Daughter": ("NextDay", 1290, 1)}
STEPS = {
    "pre_transit": "Shipping label created",
    "in_transit": "Arrived at the sorting centre",
    "out_for_delivery": "Out for delivery",
    "delivered": "Delivered",
    "failure": "Nobody at home",
    "return_to_sender": "Address unknown, returned to sender",
}


@dataclass(frozen=True)
class TrackerHook:
    """One request as EasyPost would make it."""

    headers: dict[str, str]
    body: bytes = field(repr=False)


@dataclass
class CarrierMoods:
    """How it misbehaves: `loses_answers` does what was asked and then drops the connection, so many times."""

    down: bool = False
    slow_seconds: float = 0.0
    loses_answers: int = 0
    too_late_to_void: bool = False


class Refused(Exception):
    """What the carrier does not take; the text says why."""


class FakeCarrier:
    """Every shipment, by its id and by its reference."""

    def __init__(
        self, *, clock: Callable[[], datetime], chance: random.Random, secret: str, token: str
    ) -> None:
        self.clock = clock
        self.chance = chance
        self.secret = secret
        self.token = token
        self.moods = CarrierMoods()
        self.shipments: dict[str, Json] = {}
        self.references: dict[str, str] = {}
        self.papers: dict[str, bytes] = {}

    def create(self, said: Json) -> Json:
        """A shipment with its rates; nothing is bought yet. The same reference is the same shipment."""
        reference = str(said.get("reference") or "")
        known = self.find(reference)
        if known is not None:
            return known
        _check(said)
        ident = f"shp_{self.chance.getrandbits(96):024x}"
        ounces = float(said["parcel"]["weight"])
        self.shipments[ident] = {
            "id": ident,
            "object": "Shipment",
            "reference": reference,
            "to_address": said["to_address"],
            "from_address": said["from_address"],
            "parcel": said["parcel"],
            "print": (said.get("options") or {}).get("print_custom_1", ""),
            "rates": [_rate(ident, carrier, ounces) for carrier in SERVICES],
            "refund_status": None,
            "postage_label": None,
        }
        if reference:
            self.references[reference] = ident
        return self.shipments[ident]

    def find(self, name: str) -> Json | None:
        """By id or by reference."""
        return self.shipments.get(self.references.get(name, name))

    def buy(self, ident: str, rate_id: str) -> Json:
        """Buy a rate: a tracking number and a label. Bought before: the same."""
        shipment = self.shipments[ident]
        if shipment["postage_label"]:
            return shipment
        rate = next((one for one in shipment["rates"] if one["id"] == rate_id), None)
        if rate is None:
            raise Refused("This rate is not one of the shipment's.")
        number = f"HP{self.chance.randrange(10**10):010d}GB"
        tracker = self._tracker(shipment, number, rate)
        paper = f"/labels/{ident}.svg"
        self.papers[paper] = label_paper(shipment | {"selected_rate": rate, "tracking_code": number})
        shipment |= {
            "selected_rate": rate,
            "tracking_code": number,
            "tracker": tracker,
            "postage_label": {
                "id": f"pl_{ident}",
                "label_url": paper,
                "label_file_type": "image/svg+xml",
            },
        }
        return shipment

    def refund(self, ident: str) -> Json:
        """Take a label back, unless the parcel is on its way."""
        shipment = self.shipments[ident]
        if self.moods.too_late_to_void or len(shipment["tracker"]["tracking_details"]) > 1:
            raise Refused("The parcel is on its way; its postage cannot be refunded.")
        shipment["refund_status"] = "submitted"
        return shipment

    def knows(self, number: str) -> bool:
        """Whether this carrier gave the number, since it was started."""
        return any(one.get("tracking_code") == number for one in self.shipments.values())

    def moves(self, number: str, status: str, *, at: datetime | None = None, words: str = "") -> TrackerHook:
        """The parcel goes a step on; the webhook that tells it."""
        tracker = next(
            one["tracker"] for one in self.shipments.values() if one.get("tracking_code") == number
        )
        before, when = tracker["status"], at or self.clock()
        tracker["tracking_details"].append(_detail(status, when, words or STEPS[status], tracker["carrier"]))
        tracker |= {"status": status, "updated_at": _time(when)}
        return self.hook(tracker, before=before)

    def hook(self, tracker: Mapping[str, Any], *, before: str) -> TrackerHook:
        """A signed event about a tracker as it stands now."""
        event = {
            "id": f"evt_{self.chance.getrandbits(96):024x}",
            "object": "Event",
            "description": "tracker.updated",
            "mode": "test",
            "previous_attributes": {"status": before},
            "created_at": _time(self.clock()),
            "result": tracker,
        }
        body = json.dumps(event).encode()
        headers = {
            "content-type": "application/json",
            signature.HEADER: signature.sign(body, self.secret),
        }
        return TrackerHook(headers, body)

    def _tracker(self, shipment: Json, number: str, rate: Json) -> Json:
        now = self.clock()
        return {
            "id": f"trk_{shipment['id'][4:]}",
            "object": "Tracker",
            "mode": "test",
            "tracking_code": number,
            "status": "pre_transit",
            "created_at": _time(now),
            "updated_at": _time(now),
            "signed_by": None,
            "est_delivery_date": _time(now + timedelta(days=rate["delivery_days"])),
            "carrier": rate["carrier"],
            "public_url": f"https://track.example/{number}",
            "tracking_details": [_detail("pre_transit", now, STEPS["pre_transit"], rate["carrier"])],
        }


def _check(said: Json) -> None:
    to = said.get("to_address") or {}
    missing = [name for name in ("name", "street1", "city", "zip", "country") if not to.get(name)]
    if missing:
        raise Refused(f"to_address: {', '.join(missing)} is missing")
    if len(str(to["country"])) != 2:
        raise Refused("to_address.country: two letters of ISO 3166 were expected")
    if "nowhere" in str(to["street1"]).casefold():
        raise Refused("Unable to verify address.")
    if float((said.get("parcel") or {}).get("weight") or 0) <= 0:
        raise Refused("parcel.weight: a weight was expected")


def _rate(ident: str, carrier: str, ounces: float) -> Json:
    service, base, days = SERVICES[carrier]
    minor = base + int(ounces * 4)
    return {
        "id": f"rate_{ident[4:]}_{service}",
        "object": "Rate",
        "carrier": carrier,
        "service": service,
        "rate": f"{minor // 100}.{minor % 100:02d}",
        "currency": "GBP",
        "delivery_days": days,
    }


def _detail(status: str, at: datetime, words: str, carrier: str) -> Json:
    place = {"object": "TrackingLocation", "city": "LEEDS", "state": None, "country": "GB", "zip": None}
    return {
        "object": "TrackingDetail",
        "message": words,
        "status": status,
        "status_detail": "status_update",
        "datetime": _time(at),
        "source": carrier,
        "tracking_location": place,
    }


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
