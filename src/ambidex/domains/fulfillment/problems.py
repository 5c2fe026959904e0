"""What fulfillment refuses, each with what to do next."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class UnknownWork(NotFound):
    """There is no such fulfillment order."""

    code = "unknown-fulfillment-order"
    advice = "Open the order and choose one of its parts."


class NotInThisState(Problem):
    """That step does not fit what has happened so far."""

    status, code = 409, "wrong-state"
    advice = "Look at the order again and take the step it shows."


class TakenByOther(Problem):
    """Somebody else accepted this a moment ago."""

    status, code = 409, "taken-by-other"
    advice = "Nothing to do here; you may help them pick."


class WrongItem(Problem):
    """This item does not belong to this order."""

    status, code = 409, "wrong-item"
    advice = "Put it back and scan the item shown on the screen."


class UnknownBarcode(Problem):
    """Nobody here knows this barcode."""

    status, code = 409, "unknown-barcode"
    advice = "Scan the barcode on the item itself; if it is damaged, type the item number and say why."


class OverScan(Problem):
    """All wanted units of this item have been scanned already."""

    status, code = 409, "over-scan"
    advice = "Put the extra unit back on the shelf."


class OneScanOneUnit(BadInput):
    """One scan proves one unit of this item."""

    code = "one-scan-one-unit"
    advice = "Scan every unit on its own."


class TypedNeedsReason(BadInput):
    """A typed entry needs a reason."""

    code = "typed-needs-reason"
    advice = "Say why it could not be scanned."


class NotPhysical(BadInput):
    """That proves nothing physical."""

    code = "not-physical"
    advice = "Scan the item; what a system says is a report, not evidence."


class NotYet(BadInput):
    """Nothing can be proven before it happens."""

    code = "not-yet"
    advice = "Set the clock of this device."


class NoWitness(Problem):
    """Evidence comes from a signed-in person or a device of the place."""

    status, code = 403, "no-witness"
    advice = "Sign in as the person who has the item in hand."


class KeyReused(Problem):
    """This key was used for a different deed."""

    status, code = 409, "evidence-key-reused"
    advice = "Give each scan a key of its own."


class NothingMissing(BadInput):
    """More units were reported missing than are still to be picked."""

    code = "nothing-missing"
    advice = "Report only units that are not yet picked."


class NeedsReason(BadInput):
    """A reason is needed."""

    code = "needs-reason"
    advice = "Say in a few words why."


class UnknownStagingPlace(Problem):
    """This is not a staging place here."""

    status, code = 409, "unknown-staging-place"
    advice = "Scan the label of one of the staging places of this location."


class NotProven(Problem):
    """Ready needs physical evidence for every unit and a staging place."""

    status, code = 409, "not-proven"
    advice = "Scan what is missing, then stage it by scanning the place."


class UnknownCode(Problem):
    """This pickup code is not valid here."""

    status, code = 409, "unknown-pickup-code"
    advice = "Let the customer open the order page again, or check the name and a document instead."


class CodeUsed(Problem):
    """This pickup code was used or withdrawn."""

    status, code = 409, "pickup-code-used"
    advice = "Open the order: it shows when and to whom it was handed over."


class NeedsCheck(BadInput):
    """A hand-over needs the pickup code, or a name and what was checked."""

    code = "needs-check"
    advice = "Scan the customer's code, or check the name and say what you checked."


class NotThatMany(BadInput):
    """More units were named than are here for this customer."""

    code = "not-that-many"
    advice = "Hand over what the screen shows, or less."


class TooLateToUndo(Problem):
    """A hand-over can be undone only within minutes."""

    status, code = 409, "too-late-to-undo"
    advice = "Take the items back as a return instead."


class NotSent(Problem):
    """The customer collects this; it is not packed and sent."""

    status, code = 409, "not-sent"
    advice = "Stage it at a pickup shelf instead."
