"""The part "evidence": its macros (part.html) and its states (story.py)."""
