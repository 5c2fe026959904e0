"""How postcodes are compared, whoever wrote them: "NW1 7ES", "nw1-7es" and "NW17ES" are one."""

from __future__ import annotations


def plain_postcode(postcode: str) -> str:
    """Capital letters and digits only."""
    return "".join(c for c in postcode.upper() if c.isalnum())
