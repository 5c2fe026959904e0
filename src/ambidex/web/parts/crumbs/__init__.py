"""The part "crumbs": its macros (part.html) and its states (story.py)."""
