"""The door of counting: who needs which count, what people entered, and what follows from it."""

from ambidex.domains.counting.commands import (
    answer,
    begin,
    call_off,
    decide,
    enter,
    entered_before,
    find,
    need,
    place_of,
    policy,
    put_policy,
)
from ambidex.domains.counting.model import (
    Count,
    CountKind,
    CountState,
    CountVerb,
    Entry,
    Policy,
    Reason,
    Risk,
    Tolerance,
)
from ambidex.domains.counting.rules import is_blind, reasons, worth

__all__ = [
    "Count",
    "CountKind",
    "CountState",
    "CountVerb",
    "Entry",
    "Policy",
    "Reason",
    "Risk",
    "Tolerance",
    "answer",
    "begin",
    "call_off",
    "decide",
    "enter",
    "entered_before",
    "find",
    "is_blind",
    "need",
    "place_of",
    "policy",
    "put_policy",
    "reasons",
    "worth",
]
