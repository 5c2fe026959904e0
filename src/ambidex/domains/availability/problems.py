"""What availability refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, NotFound, Problem


class NowhereToServe(Problem):
    """No place that may serve this customer can have this."""

    status, code = 409, "nowhere-to-serve"
    advice = "Offer collection from a place, another address, or have the serving areas changed."


class MayNotServe(Problem):
    """The place that was asked for may not serve this customer."""

    status, code = 409, "may-not-serve"
    advice = "Leave the place out so that one is chosen, or choose one that may."


class UnknownRule(NotFound):
    """There is no such rule."""

    code = "unknown-rule"
    advice = "Look at the list of rules; somebody may have removed it."


class UnknownGroup(NotFound):
    """There is no group of places with this code."""

    code = "unknown-group"
    advice = "Check the code, or write the group first."


class GroupInUse(Problem):
    """Rules or sellers still name this group."""

    status, code = 409, "group-in-use"
    advice = "Remove them first; otherwise they would count nowhere."


class BadRule(BadInput):
    """Something about this rule cannot be used."""

    code = "bad-rule"
    advice = "Correct the fields named and send it again."
