"""The door of locations."""
