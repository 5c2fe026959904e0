"""The pages of drift."""
