"""Governance: who may say what of stock, what tills and warehouses said, and where books drift apart and why.

The door has three parts beside its words: `change` (commands), `ask` (questions) and `decide` (pure rules).
"""

from ambidex.domains.governance import commands as change
from ambidex.domains.governance import queries as ask
from ambidex.domains.governance import rules as decide
from ambidex.domains.governance.model import (
    Clue,
    Document,
    DocumentKind,
    Drift,
    DriftCause,
    DriftKind,
    DriftState,
    DriftVerb,
    Entered,
    Fact,
    Level,
    Line,
    LineKind,
    LineState,
    Measured,
    Named,
    Place,
    Rights,
    Speaker,
    Stream,
)
from ambidex.domains.governance.problems import BadAuthority, NothingToBook

__all__ = [
    "BadAuthority",
    "Clue",
    "Document",
    "DocumentKind",
    "Drift",
    "DriftCause",
    "DriftKind",
    "DriftState",
    "DriftVerb",
    "Entered",
    "Fact",
    "Level",
    "Line",
    "LineKind",
    "LineState",
    "Measured",
    "Named",
    "NothingToBook",
    "Place",
    "Rights",
    "Speaker",
    "Stream",
    "ask",
    "change",
    "decide",
]
