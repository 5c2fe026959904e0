"""The part "turn": its macros (part.html) and its states (story.py)."""
