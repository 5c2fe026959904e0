"""The shop the kill rig sells from: two places, three items with more stock than it can sell, two tokens."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ambidex.domains import identity
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.perform import Run
from tests.shop import Shop

PLACES = ("camden", "leith")
SKUS = ("MUG-01", "TEE-RED-M", "VASE-07")
UNITS = 100_000
ALWAYS = {str(day): [["00:00", "00:00"]] for day in range(7)}


@dataclass(frozen=True)
class Tokens:
    """Of the shop's web site and of its staff."""

    buyer: str
    staff: str


async def build(run: Run) -> Tokens:
    """Fill the shop."""
    shop = Shop(run)
    for place in PLACES:
        await shop.place(place, week=ALWAYS)
        for sku in SKUS:
            await shop.shelf(place, sku, UNITS)
    made = {role: secrets.token_urlsafe(24) for role in ("integration", "lead")}
    for role, secret in made.items():
        new = identity.NewToken(role, identity.Role(role))
        await run.perform(SYSTEM, identity.create_token, new, secret=secret)
    return Tokens(buyer=made["integration"], staff=made["lead"])
