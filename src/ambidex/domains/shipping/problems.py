"""What shipping refuses, each with what to do next."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class UnknownPackage(NotFound):
    """There is no such package."""

    code = "unknown-package"
    advice = "Scan the barcode of its label, or open the order and choose one of its packages."


class NothingToPack(Problem):
    """Everything that is picked lies in a package already."""

    status, code = 409, "nothing-to-pack"
    advice = "Print the labels, or open a package to pack anew."


class NotPicked(BadInput):
    """A package can only hold units that are picked and lie in no other package."""

    code = "not-picked"
    advice = "Pick the units first, or take them out of the other package."


class EmptyPackage(BadInput):
    """A package holds at least one unit."""

    code = "empty-package"
    advice = "Say which units lie in it."


class NoWeight(BadInput):
    """A package has a weight that a carrier takes, and whole measures if any."""

    code = "no-weight"
    advice = "Put it on the scale; send grams, and length, width and height in millimetres together."


class WrongPackageState(Problem):
    """That step does not fit what has happened to this package."""

    status, code = 409, "wrong-package-state"
    advice = "Look at the package again and take the step it shows."


class NoLabel(Problem):
    """This package has no label yet."""

    status, code = 409, "no-label"
    advice = "Print its label first; if the carrier refused it, the order says why."


class NotSeenOut(Problem):
    """The carrier tells of a package that nobody scanned out."""

    status, code = 409, "not-seen-out"
    advice = "Scan its label on the Dispatch page, then replay this message."


class FromTheFuture(Problem):
    """The carrier tells of something that has not happened yet."""

    status, code = 409, "from-the-future"
    advice = "Ask the carrier what it meant; when its clock is right again, replay this message."


class UnknownManifest(NotFound):
    """There is no such manifest."""

    code = "unknown-manifest"
    advice = "Open the Dispatch page of the place: it shows its manifests."


class UnknownLabel(NotFound):
    """There is no such label."""

    code = "unknown-label"
    advice = "Open the package: it shows its labels."
