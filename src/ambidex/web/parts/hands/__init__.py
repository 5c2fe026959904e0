"""The part "hands": its macros (part.html) and its states (story.py)."""
