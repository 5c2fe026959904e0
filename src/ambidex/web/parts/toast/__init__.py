"""The part "toast": its macros (part.html) and its states (story.py)."""
