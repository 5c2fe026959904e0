"""The part "live": its macros (part.html) and its states (story.py)."""
