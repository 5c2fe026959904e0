"""What can be wrong with a place."""

from ambidex.kernel.problem import BadInput, NotFound


class UnknownLocation(NotFound):
    """There is no location with this code."""

    code = "unknown-location"
    advice = "Check the code under Places, or create the location first."


class BadLocation(BadInput):
    """Something about this location cannot be used."""

    code = "bad-location"
    advice = "Correct the fields named; times are written 09:00, zones like America/Chicago."
