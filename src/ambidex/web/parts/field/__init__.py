"""The part "field": its macros (part.html) and its states (story.py)."""
