"""Why somebody is not let in."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class WrongCredentials(Problem):
    """Name and password do not belong together."""

    status, code = 401, "wrong-credentials"
    advice = "Type both again; capital letters count."


class TooManyAttempts(Problem):
    """There were too many wrong tries."""

    status, code, retryable = 429, "too-many-attempts", True
    advice = "Wait a few minutes, or ask the lead of the place."


class NotYourPlace(Problem):
    """You do not work at this place."""

    status, code = 403, "not-your-place"
    advice = "Choose a place where you work, or ask its lead to add you."


class BadAccount(BadInput):
    """Something about this account or token cannot be used."""

    code = "bad-account"
    advice = "Correct the fields named and send it again."


class UnknownToken(NotFound):
    """There is no token with this id."""

    code = "unknown-token"
    advice = "List the tokens; it may be revoked already."
