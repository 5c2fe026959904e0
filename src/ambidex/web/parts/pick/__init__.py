"""The part "pick": its macros (part.html) and its states (story.py)."""
