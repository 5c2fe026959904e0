"""The part "axis": its macros (part.html) and its states (story.py)."""
