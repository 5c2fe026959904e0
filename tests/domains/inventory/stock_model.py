"""A simple book of stock that knows better: facts by their time, claims in a list, no database.

It is told what is done and says what must be so afterwards. It shares no code with what it checks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

Key = tuple[str, str]
"""Item and place, by their short names."""
ClaimKey = tuple[int, int]
"""Order and line."""


@dataclass
class Claimed:
    """Units of an order line on one shelf."""

    made: int
    due: datetime | None
    units: int = 0
    allocated: int = 0
    picked: int = 0


@dataclass
class Held:
    """Units kept until a time."""

    made: int
    units: int
    until: datetime


@dataclass
class Shelf:
    """One item at one place."""

    # (when, in which order it was told, what): a number changes the shelf, ("count", n) says what lies there
    facts: list[tuple[datetime, int, int | tuple[str, int]]] = field(default_factory=list)
    suspect: int = 0
    staged: int = 0
    damaged: int = 0
    claims: dict[ClaimKey, Claimed] = field(default_factory=dict)
    holds: dict[object, Held] = field(default_factory=dict)
    short: dict[ClaimKey, int] = field(default_factory=dict)

    def units(self) -> int:
        """What lies there: since the last count, no fact can take more than there is."""
        left = 0
        for _, _, what in sorted(self.facts, key=lambda f: (f[0], isinstance(f[2], tuple), f[1])):
            left = what[1] if isinstance(what, tuple) else max(0, left + what)
        return left

    def last_count(self) -> datetime | None:
        return max((when for when, _, what in self.facts if isinstance(what, tuple)), default=None)

    @property
    def sellable(self) -> int:
        return self.units() - self.suspect

    @property
    def reserved(self) -> int:
        return sum(c.units for c in self.claims.values())

    @property
    def held(self) -> int:
        return sum(h.units for h in self.holds.values())

    @property
    def gap(self) -> int:
        return max(0, self.reserved + self.held - self.sellable)

    def free(self, now: datetime) -> int:
        live = sum(h.units for h in self.holds.values() if h.until > now)
        return self.sellable - self.reserved - live

    def expire(self, now: datetime) -> None:
        self.holds = {key: h for key, h in self.holds.items() if h.until > now}

    def make_room(self, units: int, now: datetime) -> None:
        """Expired holds are let go only when somebody needs their units."""
        if self.sellable - self.reserved - self.held < units:
            self.expire(now)

    def settle(self) -> None:
        """Holds give way, the newest first; then who has most time left goes short, picked units last of all."""
        for key, _ in sorted(self.holds.items(), key=lambda kept: -kept[1].made):
            if self.gap:
                del self.holds[key]
        self.short = {}
        left = self.gap
        order = sorted(self.claims, key=self._endangered, reverse=True)
        for part in ("loose", "picked"):
            for key in order:
                claim = self.claims[key]
                units = min(left, claim.picked if part == "picked" else claim.units - claim.picked)
                if units:
                    self.short[key] = self.short.get(key, 0) + units
                    left -= units

    def _endangered(self, key: ClaimKey) -> tuple[bool, float, int, ClaimKey]:
        claim = self.claims[key]
        return claim.due is None, claim.due.timestamp() if claim.due else 0.0, claim.made, key

    def cut(self, key: ClaimKey, units: int, *, picked_first: bool) -> None:
        claim = self.claims[key]
        claim.units -= units
        if picked_first:
            claim.picked = max(0, claim.picked - units)
            claim.allocated = max(0, claim.allocated - units)
        claim.picked = min(claim.picked, claim.units)
        claim.allocated = min(claim.allocated, claim.units)


@dataclass
class Book:
    """All shelves, and the accounts outside."""

    shelves: dict[Key, Shelf]
    told: int = 0
    outside: dict[tuple[str, str], int] = field(default_factory=dict)

    def next(self) -> int:
        self.told += 1
        return self.told

    def move(self, item: str, origin: str, target: str, units: int) -> None:
        """Between accounts outside."""
        for account, sign in ((origin, -1), (target, 1)):
            if account in {"supplier", "customer", "in_transit"}:
                self.outside[item, account] = self.outside.get((item, account), 0) + sign * units

    def leave(self, key: Key, units: int, when: datetime) -> None:
        """Units leave a shelf: sellable ones first."""
        shelf = self.shelves[key]
        before, suspect = shelf.units(), shelf.suspect
        shelf.facts.append((when, self.next(), -units))
        gone = before - shelf.units()
        shelf.suspect = max(0, suspect - max(0, gone - (before - suspect)))

    def come(self, key: Key, units: int, when: datetime) -> None:
        self.shelves[key].facts.append((when, self.next(), units))

    def count(self, key: Key, units: int, when: datetime) -> None:
        self.shelves[key].facts.append((when, self.next(), ("count", units)))

    def told_short(self) -> dict[tuple[Key, ClaimKey], int]:
        return {(key, claim): n for key, shelf in self.shelves.items() for claim, n in shelf.short.items()}


def live(claims: dict[ClaimKey, Claimed], *, least: str = "units") -> Iterable[ClaimKey]:
    """Claims that still have some units (allocated ones, picked ones)."""
    return [key for key in sorted(claims) if getattr(claims[key], least)]
