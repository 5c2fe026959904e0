"""The part "banner": its macros (part.html) and its states (story.py)."""
