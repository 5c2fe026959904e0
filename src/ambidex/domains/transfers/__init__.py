"""The door of transfers: goods on their way between places and from suppliers."""

from ambidex.domains.transfers.commands import (
    announce,
    approve,
    end,
    finish,
    lock,
    note_holds,
    pick,
    receive,
    redate,
    request,
    send,
    settle,
    tell_late,
)
from ambidex.domains.transfers.model import (
    Arrived,
    Delivery,
    DeliveryKind,
    NewDelivery,
    Outcome,
    Purpose,
    Scanned,
    Verb,
    Wanted,
)
from ambidex.domains.transfers.queries import by_label, expected
from ambidex.domains.transfers.rules import arrives_at

__all__ = [
    "Arrived",
    "Delivery",
    "DeliveryKind",
    "NewDelivery",
    "Outcome",
    "Purpose",
    "Scanned",
    "Verb",
    "Wanted",
    "announce",
    "approve",
    "arrives_at",
    "by_label",
    "end",
    "expected",
    "finish",
    "lock",
    "note_holds",
    "pick",
    "receive",
    "redate",
    "request",
    "send",
    "settle",
    "tell_late",
]
