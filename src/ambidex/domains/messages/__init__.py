"""The door of messages."""
