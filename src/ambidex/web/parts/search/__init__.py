"""The part "search": its macros (part.html) and its states (story.py)."""
