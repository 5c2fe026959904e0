"""The receipt of a decision, one click from the order: why here, in words a store manager understands."""
