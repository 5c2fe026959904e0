"""The pages of a store: my work, pick, stage, hand over, arrivals, tasks."""
