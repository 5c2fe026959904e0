"""The part "sure": its macros (part.html) and its states (story.py)."""
