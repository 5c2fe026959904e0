"""The part "icon": its macros (part.html) and its states (story.py)."""
