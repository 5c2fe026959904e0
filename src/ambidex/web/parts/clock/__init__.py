"""The part "clock": its macros (part.html) and its states (story.py)."""
