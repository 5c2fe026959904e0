"""Snapshots of one moment laid over the same places, so that orders can be decided together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ambidex.domains.routing.model import SURE
from ambidex.domains.routing.rules.snapshot import GRIDS, Ints, Network, Snapshot
from ambidex.kernel.values import replace


def aligned(snapshots: Sequence[Snapshot]) -> tuple[Snapshot, ...]:
    """With one network that has the places of all; a place that an order did not know has nothing for it."""
    first = snapshots[0].network
    if all(one.network is first or one.network.digest == first.digest for one in snapshots):
        return tuple(replace(one, network=first) for one in snapshots)
    sites = {site.code: site for one in reversed(snapshots) for site in one.network.sites}
    network = Network(sites.values())
    return tuple(_laid(one, network) for one in snapshots)


def _laid(snapshot: Snapshot, network: Network) -> Snapshot:
    demand = snapshot.demand
    where = [network.index[site.code] for site in snapshot.network.sites]
    laid = {name: _grid(getattr(snapshot, name), where, network, name=name) for name in GRIDS}
    metres = network.metres_from(demand.latitude_e6, demand.longitude_e6)
    metres[where] = snapshot.metres
    free, chance, price, markdown = (laid[name] for name in GRIDS)
    return replace(
        snapshot, network=network, metres=metres, free=free, chance=chance, price=price, markdown=markdown
    )


def _grid(grid: Ints, where: Sequence[int], network: Network, *, name: str) -> Ints:
    found = np.full((len(grid), len(network.sites)), SURE if name == "chance" else 0, np.int64)
    found[:, where] = grid
    return found
