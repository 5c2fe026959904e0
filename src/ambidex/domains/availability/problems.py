"""What availability refuses."""

from __future__ import annotations

from ambidex.kernel.problem import BadInput, NotFound, Problem


class MayNotServe(Problem):
    """No place that may serve this customer was asked for, or could be chosen."""

    status, code = 409, "may-not-serve"
    advice = "Offer collection at a place, another address, or one of the places that may."


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
