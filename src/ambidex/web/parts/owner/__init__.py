"""The part "owner": its macros (part.html) and its states (story.py)."""
