"""Parts: one folder each, with its macro (part.html) and its states for the gallery (story.py)."""
