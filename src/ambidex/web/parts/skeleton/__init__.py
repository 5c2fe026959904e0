"""The part "skeleton": its macros (part.html) and its states (story.py)."""
