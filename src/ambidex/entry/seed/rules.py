"""Rules of routing to look at: one version decides in the shadow of the live one, one is a draft."""

from __future__ import annotations

from typing import Any

from ambidex.domains import routing
from ambidex.runtime.db import Tx

HEAVY = {
    "name": "Heavy only from warehouses",
    "when": {"item.weight": {"at_least": "1.5"}},
    "only": {"place.kind": ["warehouse", "third_party"]},
}
STORES = {"name": "Rather from stores", "prefer": {"place.kind": "store"}, "by": "1.00"}
SATURDAY = {
    "name": "Stores do not send on Saturdays",
    "when": {"time.weekday": ["sat"]},
    "leave_out": {"place.kind": "store"},
}


async def write_rules(tx: Tx) -> None:
    """A version in the shadow and a draft, both with the examples of the live one."""
    live = next(one for one in await routing.ask.versions(tx, "") if one.state == "live")
    shadow = await _draft(
        tx, live, "Rather from stores", [STORES], why="Stores have time before the holidays."
    )
    seen = routing.change.Seen("", shadow.number)
    await routing.change.go_shadow(tx, seen, why="First see how many orders would move.")
    await _draft(tx, live, "Heavy from warehouses", [HEAVY, SATURDAY], why="Nobody in the stores has a lift.")


async def _draft(
    tx: Tx, live: routing.versions.Version, name: str, rules: list[dict[str, Any]], *, why: str
) -> routing.versions.Version:
    document = {**live.document, "name": name, "rules": rules}
    return await routing.change.begin_draft(tx, "", document, why=why, of=live.number)
