"""What happened, in the shop's words: one sentence for every event of the house."""

from ambidex.web.happened.facts import Around, Happened
from ambidex.web.happened.told import told
from ambidex.web.happened.values import MESSAGES, MILESTONES, promise_words, why_words

__all__ = ["MESSAGES", "MILESTONES", "Around", "Happened", "promise_words", "told", "why_words"]
