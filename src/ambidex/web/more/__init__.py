"""More: the pages that have no place in the bar, the scheme, the keys, and the way out."""
