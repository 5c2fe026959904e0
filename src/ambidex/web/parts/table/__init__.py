"""The part "table": its macros (part.html) and its states (story.py)."""
