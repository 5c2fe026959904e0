"""The part "stat": its macros (part.html) and its states (story.py)."""
