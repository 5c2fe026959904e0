"""`ambidex demo`: the made-up retailer with everything it needs, on a live day, in one window."""
