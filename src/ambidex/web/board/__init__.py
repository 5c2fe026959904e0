"""The store board: a screen on the wall that renews itself."""
