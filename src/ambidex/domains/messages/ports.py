"""What carries messages: a port with a real SMTP adapter and a working double."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from ambidex.domains.messages.model import Letter
from ambidex.kernel.values import dataclass


class Outcome(StrEnum):
    """What became of one attempt. UNKNOWN: the connection died after the body was given away."""

    TAKEN = "taken"
    TRY_AGAIN = "try again"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """The outcome and the other side's words."""

    outcome: Outcome
    answer: str = ""


class Carrier(Protocol):
    """Carries a letter to an address under a key of ours."""

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        """Try once. The key becomes the Message-ID, so that arrivals can be looked up."""
        ...

    async def arrived(self, key: str) -> bool | None:
        """Whether a letter of this key was taken; None when this carrier cannot be asked."""
        ...
