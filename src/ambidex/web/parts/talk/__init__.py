"""The part "talk": its macros (part.html) and its states (story.py)."""
