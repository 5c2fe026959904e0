"""The part "avatar": its macros (part.html) and its states (story.py)."""
