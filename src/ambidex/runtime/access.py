"""Access, declared: what an operation asks of its caller, as data that a test can walk through."""

from __future__ import annotations

from enum import StrEnum

from ambidex.kernel.actor import Actor, Permission
from ambidex.kernel.problem import NotAllowed, Problem
from ambidex.kernel.values import dataclass


class Scope(StrEnum):
    """How an operation is bound to places: not at all, to the place of its subject, or lists show only own places."""

    ANYWHERE = "anywhere"
    OWN_PLACE = "own-place"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Rule:
    """A permission, or the reason why none is needed (the caller brings a proof of its own, or it is for all)."""

    permission: Permission | None = None
    scope: Scope = Scope.ANYWHERE
    public_because: str = ""

    def __post_init__(self) -> None:
        assert (self.permission is None) == bool(self.public_because), "a permission, or a reason for none"

    def admit(self, actor: Actor) -> None:
        """Refuse who lacks the permission everywhere; the command asks again, at the place it is about."""
        if self.permission is not None and not actor.may(self.permission):
            raise NotAllowed(f"{actor.name} lacks {self.permission.value}", permission=self.permission.value)


class NotSignedIn(Problem):
    """You are not signed in."""

    status, code = 401, "not-signed-in"
    advice = "Sign in, or send a token that is still valid."


class SessionLocked(NotSignedIn):
    """This shared device has locked itself."""

    code = "session-locked"
    advice = "Choose your name and type your PIN."


class WrongCsrf(NotAllowed):
    """This page is older than your session."""

    code = "csrf"
    advice = "Reload the page and do it again."


class Undeclared(RuntimeError):
    """An operation without a rule; nothing starts with one."""
