"""The part "tabs": its macros (part.html) and its states (story.py)."""
