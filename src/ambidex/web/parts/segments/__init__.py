"""The part "segments": its macros (part.html) and its states (story.py)."""
