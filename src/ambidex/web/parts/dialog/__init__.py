"""The part "dialog": its macros (part.html) and its states (story.py)."""
