"""The door of promises."""
