"""An outside name stands for an item or a place of ours from now on; both must exist."""

from __future__ import annotations

from ambidex.domains import catalogue, channels, locations
from ambidex.domains.channels import Source
from ambidex.runtime.db import Tx


async def map_name(tx: Tx, *, code: str, kind: str, external: str, internal: str) -> Source:
    """Map a name of the source with this code. UnknownItem or UnknownLocation when ours does not exist."""
    source = await channels.source(tx, code)
    if kind == "item":
        await catalogue.by_sku(tx, internal)
    if kind == "place":
        await locations.by_code(tx, internal)
    await channels.map_external(tx, source.source_id, kind=kind, external=external, internal=internal)
    return source
