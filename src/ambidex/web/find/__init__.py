"""Find anything, do anything: one box for orders and commands, and the way out when an order is not here."""
