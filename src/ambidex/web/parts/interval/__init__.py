"""The part "interval": its macros (part.html) and its states (story.py)."""
