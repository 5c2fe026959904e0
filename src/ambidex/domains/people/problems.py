"""What can be wrong with staff and shifts."""

from ambidex.kernel.problem import BadInput, NotFound


class UnknownStaff(NotFound):
    """There is no member of staff with this code."""

    code = "unknown-staff"
    advice = "Check the number on the badge."


class BadStaff(BadInput):
    """Something about this person or shift cannot be used."""

    code = "bad-staff"
    advice = "Correct the fields named and send it again."
