"""What waves refuse, each with what to do next."""

from ambidex.kernel.problem import BadInput, MovedOn, NotFound, Problem


class UnknownWave(NotFound):
    """There is no such wave."""

    code = "unknown-wave"
    advice = "Choose it from the list of waves."


class WaveIsOver(Problem):
    """That step does not fit what has happened to this wave so far."""

    status, code = 409, "wrong-wave-state"
    advice = "Look at the wave again and take the step it shows."


class NothingToWave(Problem):
    """No accepted work of this place waits to be picked for shipping."""

    status, code = 409, "nothing-to-wave"
    advice = "Tick that new work is accepted along the way, or accept it first; what is in an open wave already stays there."


class NotInThisWave(Problem):
    """No order of this wave needs this item."""

    status, code = 409, "not-in-this-wave"
    advice = "Put it back and scan an item shown on the walk."


class EnoughOfIt(Problem):
    """All totes of this wave have what they need of this item."""

    status, code = 409, "wave-over-scan"
    advice = "Put the extra unit back on the shelf."


class WaveKeyReused(MovedOn):
    """This key was used for another scan."""

    code = "wave-key-reused"
    advice = "Send a fresh key with every scan."


class UnknownTote(Problem):
    """No order of this wave goes into a tote of that number."""

    status, code = 409, "unknown-tote"
    advice = "Choose one of the totes on the screen."


class ToteTaken(Problem):
    """This tote holds another order."""

    status, code = 409, "tote-taken"
    advice = "Take an empty one and scan its label."


class BadLimits(BadInput):
    """A wave needs room for at least one order and one unit."""

    code = "bad-wave-limits"
    advice = "Allow one order or more and one unit or more."


class NothingMissing(BadInput):
    """More units were reported missing than the totes still need."""

    code = "wave-nothing-missing"
    advice = "Report only units that are not yet in a tote."
