"""What routing refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, MovedOn, NotFound, Problem


class BadRules(BadInput):
    """Something in these rules cannot be used."""

    code = "bad-rules"
    advice = "Correct the fields named; each says its line."


class UnknownVersion(NotFound):
    """There is no such version of the rules."""

    code = "unknown-version"
    advice = "Look at the list of versions of this brand."


class UnknownExample(NotFound):
    """This version has no example of that name."""

    code = "unknown-example"
    advice = "Look at the examples of this version."


class UnknownReceipt(NotFound):
    """This order has no receipt of that number."""

    code = "unknown-receipt"
    advice = "Only orders whose place was left to us have one; look at the order."


class UnknownTrial(NotFound):
    """There is no such simulation."""

    code = "unknown-trial"
    advice = "Look at the simulations of this version."


class VersionChanged(MovedOn):
    """Somebody else changed this version a moment ago."""

    code = "version-changed"
    advice = "Look at what they changed, then make your change again."
    retryable = False


class NotADraft(Problem):
    """Only a draft can be changed: this version has decided orders."""

    status, code = 409, "not-a-draft"
    advice = "Copy it to a new draft and change that."


class ExamplesFail(Problem):
    """A version goes on only when all its examples pass."""

    status, code = 409, "examples-fail"
    advice = "Correct the rules, or the example if it asks for something that nobody wants any more."


class NoExamples(Problem):
    """A version without an example says nothing about what it is for."""

    status, code = 409, "no-examples"
    advice = "Write one example at least: a situation, and where it must be sent from."


class CannotGoOn(Problem):
    """This version cannot go there from where it is."""

    status, code = 409, "cannot-go-on"
    advice = "Look at its state: only what follows it can be done now."


class AnotherInTheWay(CannotGoOn):
    """Another version of this brand is there already."""

    advice = "Open that version and put it away first; only one of a brand can be there."


class TrialIsOver(Problem):
    """This simulation has ended."""

    status, code = 409, "trial-is-over"
    advice = "Its figures stay; begin another one for other days."


class TooManyTrials(Problem):
    """Enough simulations wait already."""

    status, code = 409, "too-many-trials"
    advice = "Wait until one has ended, or stop one."
