"""What shipping needs from outside: somebody who gives a label for a package and takes it back.

Every call carries the key of the wish, so that it may be said again after a crash and still makes one label.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ambidex.domains.shipping import Printed, Size
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.outside import Port


class CarrierDown(Problem):
    """The carrier does not answer."""

    status, code, retryable = 503, "carrier-down", True
    advice = "It is asked again by itself; the package can be closed and labelled in a minute."


class CarrierRefused(Problem):
    """The carrier does not take this package as it is."""

    status, code = 422, "carrier-refused"
    advice = "Correct what it names (most often the address or the weight), then print the label again."


@dataclass(frozen=True, slots=True)
class Parcel:
    """What a carrier must know. Addresses carry the fields of an order's address, with a name and a phone."""

    key: str
    carrier: str
    service: str
    grams: int
    size: Size | None
    sender: Mapping[str, Any]
    receiver: Mapping[str, Any]
    reference: str


class Carriers(Protocol):
    """The carriers of this installation. Every call may raise CarrierDown (again later) or CarrierRefused (a person)."""

    async def make_label(self, parcel: Parcel) -> Printed:
        """The label for this wish; the same one when the key was used before."""

    async def void_label(self, key: str, carrier_ref: str) -> str:
        """Take back what was made for this key, if anything was; what the carrier says. Harmless when said before."""


CARRIERS: Port[Carriers] = Port("carriers")
