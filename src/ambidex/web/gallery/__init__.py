"""The gallery at /parts: every part in every state."""
