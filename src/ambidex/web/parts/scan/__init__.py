"""The part "scan": its macros (part.html) and its states (story.py)."""
