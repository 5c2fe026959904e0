"""The door of payments."""
