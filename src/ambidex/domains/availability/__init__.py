"""The door of availability: the rules of what may be promised to whom, and the number with its parts."""

from ambidex.domains.availability.commands import (
    drop_group,
    drop_rule,
    look_at_queue,
    put_areas,
    put_group,
    put_rules,
    put_seller,
)
from ambidex.domains.availability.model import (
    Answer,
    Ask,
    Bucket,
    Decided,
    Group,
    KitAnswer,
    LeftOut,
    Number,
    Offer,
    Rule,
    Scope,
    Stock,
)
from ambidex.domains.availability.problems import MayNotServe
from ambidex.domains.availability.queries import rulebook, rulebook_of, rules_after
from ambidex.domains.availability.rules import Rulebook, answer

__all__ = [
    "Answer",
    "Ask",
    "Bucket",
    "Decided",
    "Group",
    "KitAnswer",
    "LeftOut",
    "MayNotServe",
    "Number",
    "Offer",
    "Rule",
    "Rulebook",
    "Scope",
    "Stock",
    "answer",
    "drop_group",
    "drop_rule",
    "look_at_queue",
    "put_areas",
    "put_group",
    "put_rules",
    "put_seller",
    "rulebook",
    "rulebook_of",
    "rules_after",
]
