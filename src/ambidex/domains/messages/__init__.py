"""The door of messages: what customers are told, each tied to the fact that makes it true, once."""

from ambidex.domains.messages.commands import (
    Sending,
    begin,
    failed,
    lost_sight,
    queue,
    retract,
    sent,
    try_again,
    withdraw,
)
from ambidex.domains.messages.model import (
    MESSAGE,
    Letter,
    Message,
    MessageKind,
    MessageState,
    NewMessage,
    Speaker,
)
from ambidex.domains.messages.ports import Attempt, Carrier, Outcome
from ambidex.domains.messages.problems import NothingToSay
from ambidex.domains.messages.rules import languages, render
from ambidex.domains.messages.store import due_orders, of_order

__all__ = [
    "MESSAGE",
    "Attempt",
    "Carrier",
    "Letter",
    "Message",
    "MessageKind",
    "MessageState",
    "NewMessage",
    "NothingToSay",
    "Outcome",
    "Sending",
    "Speaker",
    "begin",
    "due_orders",
    "failed",
    "languages",
    "lost_sight",
    "of_order",
    "queue",
    "render",
    "retract",
    "sent",
    "try_again",
    "withdraw",
]
