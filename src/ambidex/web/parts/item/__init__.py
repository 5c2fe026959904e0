"""The part "item": its macros (part.html) and its states (story.py)."""
