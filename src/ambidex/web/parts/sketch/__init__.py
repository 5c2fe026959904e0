"""The part "sketch": its macros (part.html) and its states (story.py)."""
