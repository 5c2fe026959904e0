"""The part "picture": its macros (part.html) and its states (story.py)."""
