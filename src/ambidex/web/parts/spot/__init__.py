"""The part "spot": its macros (part.html) and its states (story.py)."""
