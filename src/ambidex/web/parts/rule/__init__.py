"""The part "rule": its macros (part.html) and its states (story.py)."""
