"""The part "timeline": its macros (part.html) and its states (story.py)."""
