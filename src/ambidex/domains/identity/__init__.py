"""The door of identity."""
