"""The part "code": its macros (part.html) and its states (story.py)."""
