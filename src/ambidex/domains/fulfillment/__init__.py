"""The door of fulfillment."""
