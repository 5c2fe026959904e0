"""The part "empty": its macros (part.html) and its states (story.py)."""
