"""Routing: the versions of the rules, their examples, what they would have done, and how they do."""
