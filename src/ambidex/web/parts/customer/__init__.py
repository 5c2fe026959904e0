"""The part "customer": its macros (part.html) and its states (story.py)."""
