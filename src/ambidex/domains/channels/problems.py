"""What can be wrong with a source."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class UnknownSource(NotFound):
    """No source with this code is registered."""

    code = "unknown-source"
    advice = "Register it with: ambidex source create --kind KIND --code CODE --secret SECRET"


class BadSource(BadInput):
    """Something about this source cannot be used."""

    code = "bad-source"
    advice = "Correct the fields named and send it again."


class SourceTaken(Problem):
    """A source with this code is already registered as something else."""

    status, code = 409, "source-taken"
    advice = "Take another code, or rotate the secret of the one that is there."
