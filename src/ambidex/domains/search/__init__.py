"""The door of search."""
