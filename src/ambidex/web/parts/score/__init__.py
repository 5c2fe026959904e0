"""The part "score": its macros (part.html) and its states (story.py)."""
