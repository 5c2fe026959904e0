"""The page of the parking queue."""
