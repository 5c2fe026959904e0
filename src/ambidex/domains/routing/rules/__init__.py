"""The pure decisions of routing: a folder, as they fill more than one file."""
