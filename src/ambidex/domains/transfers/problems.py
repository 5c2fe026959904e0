"""What transfers refuse, each with what to do next."""

from ambidex.kernel.problem import BadInput, MovedOn, NotFound, Problem


class UnknownDelivery(NotFound):
    """There is no such delivery."""

    code = "unknown-delivery"
    advice = "Scan its label again, or choose it from the list of what is on the way."


class WrongState(Problem):
    """That step does not fit what has happened to this delivery so far."""

    status, code = 409, "wrong-delivery-state"
    advice = "Look at it again and take the step it shows."


class DeliveryMoved(MovedOn):
    """Somebody else changed this delivery a moment ago."""

    code = "delivery-moved"


class UnknownBarcode(Problem):
    """Nobody here knows this barcode."""

    status, code = 409, "parcel-unknown-barcode"
    advice = "Scan the barcode on the item itself; if it is damaged, type the item number and say why."


class OneScanOneUnit(BadInput):
    """One scan proves one unit of this item."""

    code = "parcel-one-scan-one-unit"
    advice = "Scan every unit on its own."


class NeedsReason(BadInput):
    """A typed or damaged unit needs a reason."""

    code = "parcel-needs-reason"
    advice = "Say why it could not be scanned, or what is broken."


class NoWitness(Problem):
    """Evidence comes from a signed-in person or a device of the place."""

    status, code = 403, "parcel-no-witness"
    advice = "Sign in, or use a handheld of the place. A system's word is a report, not evidence."


class NotAskedFor(Problem):
    """This item was not asked for."""

    status, code = 409, "not-asked-for"
    advice = "Put it back and scan an item of this transfer."


class OverScan(Problem):
    """All units asked for are in the parcel already."""

    status, code = 409, "parcel-over-scan"
    advice = "Put the extra unit back on the shelf."


class NothingInTheParcel(Problem):
    """Nothing was scanned into the parcel yet."""

    status, code = 409, "nothing-in-the-parcel"
    advice = "Scan what you send, or cancel the transfer."


class ScanKeyReused(Problem):
    """This key was used for another scan."""

    status, code = 409, "parcel-key-reused"
    advice = "Send a fresh key with every scan."


class NothingToSettle(Problem):
    """Nothing of this line is left to explain."""

    status, code = 409, "nothing-to-settle"
    advice = "Look at the delivery; the difference may have been explained already."


class ReferenceTaken(Problem):
    """These goods were received already."""

    status, code = 409, "already-received"
    advice = "Announce what is still to come under a reference of its own."
