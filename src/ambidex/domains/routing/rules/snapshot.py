"""Everything that one decision is made from, in columns: places sorted by code, lines by number.

A network of places is built once and shared by all orders decided while it stands.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from math import cos, radians
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ambidex.domains.routing.model import (
    ENGINE,
    FAR_METRES,
    SURE,
    Condition,
    Demand,
    Handling,
    Policy,
    Rates,
    Rule,
    Shelf,
    Site,
    Speed,
    Wanted,
)
from ambidex.kernel.values import asdict, dataclass, field, fields

Ints = NDArray[np.int64]
EARTH_METRES = 6_371_008.8
NOTHING = Shelf(0)
DEMAND = tuple(f.name for f in fields(Demand))
WANTED = tuple(f.name for f in fields(Wanted))
GRIDS = ("free", "chance", "price", "markdown")


class Network:
    """Places as they stand, sorted by code. Columns are made once."""

    def __init__(self, sites: Iterable[Site]) -> None:
        self.sites = tuple(sorted(sites, key=lambda site: site.code))
        self.index = {site.code: at for at, site in enumerate(self.sites)}
        assert len(self.index) == len(self.sites), "a place stands once in a network"

    @cached_property
    def leaves_at(self) -> Ints:
        """-1: never again."""
        return column(-1 if site.leaves_at is None else site.leaves_at for site in self.sites)

    @cached_property
    def capacity_left(self) -> Ints:
        """-1: no limit."""
        return column(-1 if site.capacity_left is None else max(0, site.capacity_left) for site in self.sites)

    @cached_property
    def is_limited(self) -> bool:
        """Whether any place has a limit of what it can do."""
        return bool((self.capacity_left >= 0).any())

    @cached_property
    def codes(self) -> NDArray[np.object_]:
        return np.array([site.code for site in self.sites], object)

    @cached_property
    def load(self) -> Ints:
        return column(site.load for site in self.sites)

    @cached_property
    def _radians(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        known = [s.latitude_e6 is not None and s.longitude_e6 is not None for s in self.sites]
        north = np.radians(np.array([(s.latitude_e6 or 0) / 1e6 for s in self.sites]))
        east = np.radians(np.array([(s.longitude_e6 or 0) / 1e6 for s in self.sites]))
        return north, east, np.array(known, bool)

    def metres_from(self, latitude_e6: int | None, longitude_e6: int | None) -> Ints:
        """Great-circle distance of every place from a point; rounded here, once."""
        if latitude_e6 is None or longitude_e6 is None or not self.sites:
            return np.full(len(self.sites), FAR_METRES, np.int64)
        north, east, known = self._radians
        lat, lng = radians(latitude_e6 / 1e6), radians(longitude_e6 / 1e6)
        h = np.sin((north - lat) / 2) ** 2 + np.cos(north) * cos(lat) * np.sin((east - lng) / 2) ** 2
        far = np.rint(2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(1.0, h)))).astype(np.int64)
        return np.where(known, far, FAR_METRES)

    @cached_property
    def as_json(self) -> dict[str, list[Any]]:
        """A list for each field of a site."""
        return {f.name: [_plain(getattr(site, f.name)) for site in self.sites] for f in fields(Site)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Sequence[Any]]) -> Network:
        rows = zip(*stored.values(), strict=True)
        return cls(_site(dict(zip(stored, row, strict=True))) for row in rows)

    @cached_property
    def digest(self) -> bytes:
        return hashlib.sha256(_canonical(self.as_json)).digest()


@dataclass(frozen=True, eq=False)
class Snapshot:
    """One demand, the places, and what each has for each line (grids are [line][place]).

    `out`: place -> reasons known outside; `engine`: the number of what decides. Make it by `of`, which sorts; the rest must already be sorted so.
    """

    now: int
    demand: Demand
    network: Network
    policy: Policy
    metres: Ints
    free: Ints
    chance: Ints
    price: Ints
    markdown: Ints
    out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    engine: int = ENGINE

    @classmethod
    def of(
        cls,
        now: int,
        demand: Demand,
        *,
        sites: Network | Iterable[Site],
        shelves: Mapping[tuple[str, int], Shelf],
        policy: Policy,
        out: Mapping[str, tuple[str, ...]] | None = None,
    ) -> Snapshot:
        """From what each place has for each line number; a place that is not named has nothing."""
        network = sites if isinstance(sites, Network) else Network(sites)
        demand = sorted_lines(demand)
        grids = np.zeros((len(GRIDS), len(demand.lines), len(network.sites)), np.int64)
        grids[1] = SURE
        rows = {line.line_no: at for at, line in enumerate(demand.lines)}
        for (code, line_no), shelf in shelves.items():
            if code in network.index and line_no in rows:
                grids[:, rows[line_no], network.index[code]] = (
                    shelf.free,
                    shelf.chance,
                    shelf.price,
                    shelf.markdown,
                )
        known = {code: tuple(sorted(set(why))) for code, why in sorted((out or {}).items()) if why}
        metres = network.metres_from(demand.latitude_e6, demand.longitude_e6)
        free, chance, price, markdown = grids
        return cls(now, demand, network, policy, metres, free, chance, price, markdown, known)

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which the same snapshot is made again."""
        grids = {name: getattr(self, name).tolist() for name in ("metres", *GRIDS)}
        return self._words() | {"sites": self.network.as_json} | grids

    def _words(self) -> dict[str, Any]:
        known = {code: list(why) for code, why in self.out.items()}
        demand = _shallow(self.demand) | {"lines": [_fields(line, WANTED) for line in self.demand.lines]}
        words = {"now": self.now, "demand": demand, "policy": asdict(self.policy), "out": known}
        return words | {"engine": self.engine}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any], *, policy: Policy | None = None) -> Snapshot:
        """As it was; with another `policy`: as that version would have seen it."""
        demand = stored["demand"]
        network = Network.from_json(stored["sites"])
        shape = (len(demand["lines"]), len(network.sites))
        grids = {name: np.array(stored[name], np.int64).reshape(shape) for name in GRIDS}
        return cls(
            now=stored["now"],
            demand=Demand(**{**demand, "lines": tuple(Wanted(**line) for line in demand["lines"])}),
            network=network,
            policy=policy or policy_of(stored["policy"]),
            metres=column(stored["metres"]),
            out={code: tuple(why) for code, why in stored["out"].items()},
            engine=stored.get("engine", 1),
            **grids,
        )

    @cached_property
    def fingerprint(self) -> str:
        """Of everything in it; the same for the same facts in any order."""
        demand = [getattr(self.demand, name) for name in DEMAND if name != "lines"]
        lines = [[getattr(line, name) for name in WANTED] for line in self.demand.lines]
        known = [[code, *why] for code, why in self.out.items()]
        numbered = [self.engine] if self.engine > 1 else []
        found = hashlib.sha256(_canonical([self.now, demand, lines, known, *numbered]))
        found.update(_policy_digest(self.policy))
        found.update(self.network.digest)
        for name in ("metres", *GRIDS):
            found.update(getattr(self, name).astype("<i8").tobytes())
        return found.hexdigest()[:32]


@lru_cache(maxsize=64)
def _policy_digest(policy: Policy) -> bytes:
    return hashlib.sha256(_canonical(asdict(policy))).digest()


def sorted_lines(demand: Demand) -> Demand:
    """With its lines by number."""
    lines = tuple(sorted(demand.lines, key=lambda line: line.line_no))
    assert len({line.line_no for line in lines}) == len(lines), "a line stands once in a demand"
    return demand if lines == demand.lines else Demand(**{**_shallow(demand), "lines": lines})


def policy_of(stored: Mapping[str, Any]) -> Policy:
    """From its fields in plain form."""
    return Policy(
        number=stored["number"],
        name=stored["name"],
        rules=tuple(_rule(one) for one in stored["rules"]),
        rates=_rates(stored["rates"]),
        parts_max=stored["parts_max"],
        speeds=tuple(Speed(**{**one, "rates": _rates(one["rates"])}) for one in stored["speeds"]),
        cut_offs=tuple((where, minute) for where, minute in stored["cut_offs"]),
        handling_minutes=tuple((where, minutes) for where, minutes in stored["handling_minutes"]),
        brand=stored["brand"],
        speed=stored["speed"],
    )


def _rule(stored: Mapping[str, Any]) -> Rule:
    when, where = (tuple(_condition(one) for one in stored[name]) for name in ("when", "where"))
    return Rule(stored["name"], when, where, stored["add"])


def _condition(stored: Mapping[str, Any]) -> Condition:
    return Condition(stored["field"], stored["test"], tuple(stored["values"]))


def _rates(stored: Mapping[str, Any]) -> Rates:
    pairs = {name: tuple((upto, cost) for upto, cost in stored[name]) for name in ("bands", "transit")}
    return Rates(**{**stored, **pairs, "handling": tuple(Handling(**one) for one in stored["handling"])})


def _site(stored: Mapping[str, Any]) -> Site:
    return Site(**{**stored, "groups": tuple(stored["groups"])})


def _shallow(demand: Demand) -> dict[str, Any]:
    return _fields(demand, DEMAND)


def _fields(value: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(value, name) for name in names}


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value


def column(values: Iterable[int]) -> Ints:
    """A column of whole numbers."""
    return np.array(list(values), np.int64)


def _canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
