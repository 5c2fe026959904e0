"""Labels through EasyPost's API (the protocol Carriers), or whoever speaks it.

The key of the wish is the shipment's `reference`, which EasyPost takes in place of its id: before one is bought we ask
for it, so a wish said again after a crash finds its label. Never called while a transaction is open.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import httpx

from ambidex.domains.shipping import Printed
from ambidex.flows.carrier_port import CarrierDown, CarrierRefused, Parcel
from ambidex.flows.shop_port import Unreadable
from ambidex.integrations.fields import Json, load, mapping, text
from ambidex.kernel.money import minor_digits
from ambidex.runtime.perform import must_be_outside

TIMEOUT_SECONDS = 10.0
LABEL_BYTES_MAX = 2_000_000
GRAMS_PER_OUNCE = Decimal("28.349523125")
MILLIMETRES_PER_INCH = Decimal("25.4")
REFUND_DONE = frozenset({"submitted", "refunded"})


class EasyPostCarriers:
    """Asks one account. `client` carries the address; the token goes into a header and nowhere else."""

    def __init__(self, client: httpx.AsyncClient, *, token: str) -> None:
        self._client = client
        self._auth = httpx.BasicAuth(token, "")

    async def make_label(self, parcel: Parcel) -> Printed:
        """The label for this wish; the same one when the key was used before."""
        with _readable():
            found = await self._known(parcel.key)
            if found is None:
                _, found = await self._ask("POST", "shipments", json={"shipment": _shipment(parcel)})
            if not found.get("postage_label"):
                ident = text(found, "id", "shipment")
                rate = {"rate": {"id": _cheapest(found, parcel)}}
                _, found = await self._ask("POST", f"shipments/{ident}/buy", json=rate)
            return await self._printed(found)

    async def void_label(self, key: str, carrier_ref: str) -> str:
        """Take back what was made for this key, if anything was."""
        found = await self._known(key)
        if found is None:
            return "nothing was made"
        if found.get("refund_status") in REFUND_DONE:
            return "taken back before"
        with _readable():
            ident = carrier_ref or text(found, "id", "shipment")
        _, answer = await self._ask("POST", f"shipments/{ident}/refund")
        status = str(answer.get("refund_status"))
        if status not in REFUND_DONE:
            raise CarrierRefused(f"the refund is {status}")
        return f"refund {status}"

    async def _known(self, key: str) -> Json | None:
        status, found = await self._ask("GET", f"shipments/{key}")
        return None if status == 404 else found

    async def _printed(self, found: Json) -> Printed:
        label = mapping(found.get("postage_label"), "postage_label")
        rate = mapping(found.get("selected_rate"), "selected_rate")
        tracker = found.get("tracker")
        url = tracker.get("public_url") if isinstance(tracker, Mapping) else ""
        document = await self._document(text(label, "label_url", "postage_label"))
        return Printed(
            carrier_ref=text(found, "id", "shipment"),
            tracking_number=text(found, "tracking_code", "shipment").upper(),
            tracking_url=str(url or ""),
            document=base64.b64encode(document).decode(),
            media_type=text(label, "label_file_type", "postage_label"),
            cost_minor=_minor(rate),
            currency=text(rate, "currency", "selected_rate"),
            carrier=text(rate, "carrier", "selected_rate"),
            service=text(rate, "service", "selected_rate"),
        )

    async def _document(self, url: str) -> bytes:
        """The label itself; it lies where the carrier says, and needs no token."""
        answer = await self._send("GET", url, {})
        if answer.status_code != 200 or len(answer.content) > LABEL_BYTES_MAX:
            raise CarrierDown(f"the label cannot be fetched ({answer.status_code})")
        return answer.content

    async def _ask(self, method: str, path: str, **content: Any) -> tuple[int, Json]:
        answer = await self._send(method, f"/v2/{path}", {**content, "auth": self._auth})
        status = answer.status_code
        if status == 429 or status >= 500:
            raise CarrierDown(f"answered {status}")
        try:
            found = mapping(load(answer.content), "answer")
        except Unreadable as cause:
            raise CarrierDown(f"answered {status} with something that is not JSON") from cause
        if status >= 400 and status != 404:
            raise CarrierRefused(_why(found, status))
        if status == 404 and method == "POST":
            raise CarrierRefused("the carrier does not know this label")
        return status, found

    async def _send(self, method: str, url: str, content: Mapping[str, Any]) -> httpx.Response:
        must_be_outside()
        try:
            return await self._client.request(method, url, timeout=TIMEOUT_SECONDS, **content)
        except (httpx.HTTPError, httpx.InvalidURL) as cause:
            raise CarrierDown(type(cause).__name__) from cause


def _shipment(parcel: Parcel) -> dict[str, Any]:
    size = parcel.size
    box: dict[str, Any] = {"weight": float(round(parcel.grams / GRAMS_PER_OUNCE, 1))}
    if size is not None:
        sides = {"length": size.length_mm, "width": size.width_mm, "height": size.height_mm}
        box |= {name: float(round(side / MILLIMETRES_PER_INCH, 1)) for name, side in sides.items()}
    return {
        "reference": parcel.key,
        "to_address": _address(parcel.receiver),
        "from_address": _address(parcel.sender),
        "parcel": box,
        "options": {"label_format": "PNG", "print_custom_1": parcel.reference},
    }


def _cheapest(found: Json, parcel: Parcel) -> str:
    """The rate that costs least among those of the carrier and service that were asked for."""
    wanted = {"carrier": parcel.carrier, "service": parcel.service}
    rates = [
        one
        for one in found.get("rates") or []
        if isinstance(one, Mapping)
        and all(not value or _same(one.get(name), value) for name, value in wanted.items())
    ]
    if not rates:
        asked = " ".join(value for value in wanted.values() if value) or "any carrier"
        raise CarrierRefused(f"no rate of {asked} for this parcel and address")
    best = min(rates, key=lambda one: (_minor(one), text(one, "id", "rate")))
    return text(best, "id", "rate")


def _same(said: object, wanted: str) -> bool:
    return str(said).casefold() == wanted.casefold()


_FIELDS = {
    "name": ("name",),
    "company": ("company",),
    "street1": ("line1", "address1", "street"),
    "street2": ("line2", "address2"),
    "city": ("city",),
    "state": ("province_code", "state", "region", "province"),
    "zip": ("postcode", "zip", "postal_code"),
    "country": ("country_code", "country"),
    "phone": ("phone",),
    "email": ("email",),
}


def _address(said: Mapping[str, Any]) -> dict[str, str]:
    """Their names of the fields; whatever an order's source called them."""
    return {
        theirs: str(value)
        for theirs, ours in _FIELDS.items()
        if (value := next((said[name] for name in ours if said.get(name)), None))
    }


def _why(found: Json, status: int) -> str:
    error = found.get("error")
    if isinstance(error, Mapping):
        return str(error.get("message") or error.get("code"))[:300]
    return f"answered {status}"


def _minor(rate: Mapping[str, Any]) -> int:
    """What it costs in minor units of its own currency."""
    said, currency = text(rate, "rate", "rate"), text(rate, "currency", "rate", default="USD")
    try:
        return int(Decimal(said).scaleb(minor_digits(currency)))
    except (ArithmeticError, ValueError) as cause:
        raise Unreadable(f"rate: {said!r} is no amount") from cause


@contextmanager
def _readable() -> Iterator[None]:
    """An answer that nobody can read is none: the carrier is asked again, and holds up no other label."""
    try:
        yield
    except Unreadable as cause:
        raise CarrierDown(f"its answer cannot be read: {cause}") from cause


class NoCarrier:
    """Nobody is connected: every wish waits, and says what to do."""

    async def make_label(self, parcel: Parcel) -> Printed:
        raise CarrierDown(f"no carrier is connected (AMBIDEX_CARRIER_URL); parcel {parcel.reference} waits")

    async def void_label(self, key: str, carrier_ref: str) -> str:
        raise CarrierDown(
            f"no carrier is connected (AMBIDEX_CARRIER_URL); {carrier_ref or key} is not taken back"
        )
