"""Collecting garbage where there is little: a program of ours makes trees, hardly ever circles.

Measured: with Python's own thresholds a list of thirty orders spent a third of its time looking for circles again and
again among everything the program is made of.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, OLD = 50_000, 20, 20


def settle() -> None:
    """What the program is made of stays for ever and is not looked at again. Call once, when it stands."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
