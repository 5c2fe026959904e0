"""What a message is: a kind, the fact that makes it true, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from ambidex.kernel.ids import OrderId
from ambidex.kernel.states import States
from ambidex.kernel.values import dataclass


class MessageKind(StrEnum):
    """What customers are told."""

    CONFIRMED = "confirmed"
    SHORT_AT_ARRIVAL = "short-at-arrival"
    READY = "ready"
    LATE = "late"
    OPTIONS = "options"
    CHOICE_CONFIRMED = "choice-confirmed"
    COLLECTED = "collected"
    REMINDER = "reminder"
    LAST_CALL = "last-call"
    CANCELED = "canceled"
    CORRECTION = "correction"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    DELIVERY_FAILED = "delivery-failed"
    SENT_BACK = "sent-back"
    PARCEL_LOST = "parcel-lost"
    SENT_AGAIN = "sent-again"
    WAITING = "waiting"


class MessageState(StrEnum):
    """How far a message got."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"
    WITHDRAWN = "withdrawn"
    REPORTED = "reported"


class MessageVerb(StrEnum):
    """What happens to a message."""

    LEASE = "lease"
    SEND = "send"
    RETRY = "retry"
    FAIL = "fail"
    LOSE_SIGHT = "lose sight"
    WITHDRAW = "withdraw"
    REPORT = "report"
    SETTLE_AS_SENT = "settle as sent"
    SETTLE_AS_FAILED = "settle as failed"


MESSAGE = States(
    name="message",
    start=MessageState.QUEUED,
    ends=frozenset({MessageState.SENT, MessageState.FAILED, MessageState.WITHDRAWN, MessageState.REPORTED}),
    moves={
        (MessageState.QUEUED, MessageVerb.LEASE): MessageState.SENDING,
        (MessageState.QUEUED, MessageVerb.WITHDRAW): MessageState.WITHDRAWN,
        (MessageState.QUEUED, MessageVerb.REPORT): MessageState.REPORTED,
        (MessageState.SENDING, MessageVerb.SEND): MessageState.SENT,
        (MessageState.SENDING, MessageVerb.RETRY): MessageState.QUEUED,
        (MessageState.SENDING, MessageVerb.FAIL): MessageState.FAILED,
        (MessageState.SENDING, MessageVerb.LOSE_SIGHT): MessageState.UNKNOWN,
        (MessageState.SENDING, MessageVerb.WITHDRAW): MessageState.WITHDRAWN,
        (MessageState.UNKNOWN, MessageVerb.SETTLE_AS_SENT): MessageState.SENT,
        (MessageState.UNKNOWN, MessageVerb.SETTLE_AS_FAILED): MessageState.FAILED,
    },
    waits={
        MessageState.QUEUED: "the worker",
        MessageState.SENDING: "the mail server",
        MessageState.UNKNOWN: "a person who looks whether it arrived; it is never sent again blindly",
    },
)


_TOLD = frozenset({MessageState.SENT, MessageState.UNKNOWN, MessageState.REPORTED})


class Speaker(StrEnum):
    """Who tells the customer this kind of message for this source."""

    US = "us"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """One fact to be told, once.

    `fact_key` names the fact within the order ("ready:1"); a second message for it is ignored.
    `proof` holds ids of the evidence or events that made it true; never empty.
    `facts` is all the template may say (README: Words).
    """

    order_id: OrderId
    kind: MessageKind
    fact_key: str
    proof: tuple[str, ...]
    facts: Mapping[str, Any]
    work_no: int = 0
    speaker: Speaker = Speaker.US
    channel: str = "email"

    def __post_init__(self) -> None:
        assert self.proof, "a message without proof is never queued"


@dataclass(frozen=True, slots=True)
class Message:
    """A stored message."""

    order_id: OrderId
    message_no: int
    kind: MessageKind
    work_no: int
    fact_key: str
    speaker: Speaker
    channel: str
    state: MessageState
    proof: tuple[str, ...]
    facts: Mapping[str, Any]
    subject: str
    wording: str
    queued_at: datetime
    settled_at: datetime | None
    reason: str
    attempts: int
    fence: int
    begun: bool
    provider_key: str

    @property
    def may_be_told(self) -> bool:
        """Whether the customer may have it, or had it from others."""
        return self.state in _TOLD or (self.state is MessageState.SENDING and self.begun)

    @property
    def is_ours_to_withdraw(self) -> bool:
        """Whether nothing of it has left: it waits, or was taken for sending and not begun."""
        return self.state is MessageState.QUEUED or (self.state is MessageState.SENDING and not self.begun)


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered message: subject, HTML body, plain body, and the one sentence shown under "Said"."""

    subject: str
    html: str
    plain: str
    wording: str
