"""The frame around every page: navigation, search, scan, person, live state."""
