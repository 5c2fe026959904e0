"""Refusals of messages."""

from ambidex.kernel.problem import Problem


class MessageMovedOn(Problem):
    """Somebody else settled this message."""

    status, code, retryable = 409, "message-moved-on", True
    advice = "Look at the order again; the newest state is shown."


class NothingToSay(Problem):
    """There is no template for this message in this language."""

    status, code = 500, "no-template"
    advice = "Add the wording to the templates of messages."
