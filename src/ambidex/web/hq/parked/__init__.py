"""Messages of other systems that need a person: why, since when, and what repairs them."""
