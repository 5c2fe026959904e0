"""The part "chip": its macros (part.html) and its states (story.py)."""
