"""Capacity: pause a place, limit its slots, change the hours of a day."""
