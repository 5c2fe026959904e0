"""The part "button": its macros (part.html) and its states (story.py)."""
