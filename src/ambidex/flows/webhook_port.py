"""What feeds need from outside: somebody who carries a signed message to a subscriber."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from ambidex.kernel.values import dataclass
from ambidex.runtime.outside import Port


@dataclass(frozen=True, slots=True)
class Message:
    """One message to a subscriber. The same content has the same id, also when it is tried again."""

    message_id: str
    url: str
    body: bytes
    secrets: tuple[bytes, ...]
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """`failure` is "" when the message was taken; it never repeats a word of what the subscriber wrote."""

    failure: str = ""
    retry_after_seconds: float = 0
    is_gone: bool = False


class Webhooks(Protocol):
    """Carries messages."""

    async def send(self, message: Message) -> Answer:
        """Sign with every secret, post, and say what became of it, within a time limit; never raises for the other side."""


WEBHOOKS: Port[Webhooks] = Port("webhooks")
