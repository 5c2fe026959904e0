"""How a fact becomes a letter: words in one brand voice, and the layout they stand in."""

from ambidex.domains.messages.rules.words import languages, render

__all__ = ["languages", "render"]
