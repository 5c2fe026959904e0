"""Why somebody is not let in."""

from ambidex.kernel.problem import BadInput, NotFound, Problem


class NotSignedIn(Problem):
    """You are not signed in."""

    status, code = 401, "not-signed-in"
    advice = "Sign in, or send a token that is still valid."


class SessionLocked(Problem):
    """This shared device has locked itself."""

    status, code = 401, "session-locked"
    advice = "Choose your name and type your PIN."


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
