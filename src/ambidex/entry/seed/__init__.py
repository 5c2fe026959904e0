"""A made-up retailer, Marrow & Finch: places, items, stock and staff. The same number makes the same shop."""

from ambidex.entry.seed.plant import Seeded, SignIn, plant, put_on_shift

__all__ = ["Seeded", "SignIn", "plant", "put_on_shift"]
