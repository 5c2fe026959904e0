"""The part "choice": its macros (part.html) and its states (story.py)."""
