"""The part "units": its macros (part.html) and its states (story.py)."""
