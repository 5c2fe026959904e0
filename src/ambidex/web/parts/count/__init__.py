"""The part "count": its macros (part.html) and its states (story.py)."""
