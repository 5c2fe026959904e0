"""The part "card": its macros (part.html) and its states (story.py)."""
