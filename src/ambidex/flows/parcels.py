"""What every flow on a package shares: the proof of its label, who may choose for it, and what is refused."""

from __future__ import annotations

from ambidex.domains import shipping
from ambidex.domains.fulfillment import Work
from ambidex.domains.shipping import Package
from ambidex.flows.locked_work import LockedWork, lock_work_of
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import Proof
from ambidex.kernel.ids import LocationId
from ambidex.kernel.problem import BadInput, Problem
from ambidex.kernel.values import dataclass, replace
from ambidex.kernel.words import seen
from ambidex.runtime.db import Read, Tx


class PackageOfAnotherPlace(Problem):
    """This package was packed at another place."""

    status, code = 409, "package-of-another-place"
    advice = "Lay it aside and call the place that packed it."


class PackageOfAnotherOrder(Problem):
    """This label belongs to another order."""

    status, code = 409, "package-of-another-order"
    advice = "Scan it on its own: it leaves with its own order."


class AlreadySentAgain(Problem):
    """The goods of this parcel were sent anew."""

    status, code = 409, "already-sent-again"
    advice = "Nothing is owed for it: look at the parcel that went out instead."


class NotToPayBack(Problem):
    """Money goes back only for a parcel that did not arrive."""

    status, code = 409, "not-to-pay-back"
    advice = "Wait for the carrier, or report the parcel as lost first."


@dataclass(frozen=True, slots=True)
class Settled:
    """The parcel and its work, after what was chosen."""

    work: Work
    package: Package


async def chosen_parcel(tx: Tx, package_id: str, reason: str) -> tuple[LockedWork, Package]:
    """Who may cancel it may choose what is done about it; a reason is kept. Its order is locked from here on."""
    must_say_why(reason)
    package = await shipping.find.package_from_id(tx, package_id)
    tx.actor.must(Permission.ORDERS_CANCEL, at=package.location_id)
    locked = await lock_work_of(tx, package.order_id, package.work_no)
    return locked, await shipping.find.package(tx, package.order_id, package.package_no)


async def scanned_parcel(read: Read, proof: Proof, *, location_id: LocationId) -> Package:
    """The package of this place whose label was scanned. Raises UnknownPackage, PackageOfAnotherPlace."""
    found = await labelled_parcel(read, proof)
    if found.location_id != location_id:
        raise PackageOfAnotherPlace(package=found.id)
    return found


async def labelled_parcel(read: Read, proof: Proof) -> Package:
    """The package whose label was scanned, wherever it was sent from. Raises UnknownPackage."""
    return await shipping.find.package(read, *await shipping.find.whose(read, proof.barcode))


def exact(proof: Proof, package: Package) -> Proof:
    """The proof with the number as it is kept; what was typed proves itself by its reason."""
    return replace(proof, barcode=package.tracking_number, quantity=1)


def must_say_why(reason: str) -> None:
    """Refuse an empty reason."""
    if not seen(reason):
        raise BadInput("reason", errors=[{"field": "reason", "expected": "a few words"}])
