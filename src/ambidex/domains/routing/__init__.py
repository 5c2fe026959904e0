"""The door of routing: which place sends what, why, and by which version of the rules."""
