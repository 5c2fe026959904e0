"""The part "work": its macros (part.html) and its states (story.py)."""
