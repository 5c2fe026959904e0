"""The part "cannot": its macros (part.html) and its states (story.py)."""
