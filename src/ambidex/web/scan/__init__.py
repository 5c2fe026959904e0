"""Scan anywhere: whatever the code names, it opens what to do next."""
