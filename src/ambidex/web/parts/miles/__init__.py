"""The part "miles": its macros (part.html) and its states (story.py)."""
