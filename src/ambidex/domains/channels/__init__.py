"""The door of channels."""
