"""Refusals that a person or program can act on; the edge turns them into RFC 9457 problems.

The docstring of the class is its message, so documentation and answer cannot disagree.
"""

from __future__ import annotations

from typing import ClassVar, TypedDict


class FieldError(TypedDict, total=False):
    """What is wrong with one field: where, what was expected, what to do."""

    field: str
    expected: str
    advice: str


class Problem(Exception):
    """Something was refused."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "refused"
    advice: ClassVar[str] = ""
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str = "", *, errors: list[FieldError] | None = None, **facts: object) -> None:
        self.detail = detail
        self.errors = errors or []
        self.facts = facts
        super().__init__(self.title, facts)

    @property
    def title(self) -> str:
        """The first line of the class's docstring."""
        return (self.__doc__ or "").strip().splitlines()[0]


class NotFound(Problem):
    """There is nothing of that name here."""

    status, code = 404, "not-found"
    advice = "Check the number, or search for it."


class UnknownOrder(NotFound):
    """There is no order of that id here."""

    code = "unknown-order"
    advice = "Search for it by number, name, phone or e-mail, or pull it from its source."


class NotAllowed(Problem):
    """You may not do this here."""

    status, code = 403, "not-allowed"
    advice = "Ask the lead of the place, or switch to a person who may."


class BadInput(Problem):
    """Something in what was sent cannot be used."""

    status, code = 422, "bad-input"
    advice = "Correct the fields named and send it again."


class MovedOn(Problem):
    """Somebody else changed this a moment ago."""

    status, code = 409, "moved-on"
    advice = "Look at it again; the newest state is shown."
    retryable = True
