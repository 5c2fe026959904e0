"""`ambidex stock rebuild`: positions become what their ledger and claims say, while the house is open."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace
from typing import Any

from ambidex.domains.inventory import Settled
from ambidex.entry.installation import OPERATOR, joined
from ambidex.flows.rebuild_stock import rebuild_next
from ambidex.runtime.perform import Run


def arguments(parser: ArgumentParser) -> None:
    """What may be asked."""
    deeds = parser.add_subparsers(dest="deed", required=True, metavar="DEED")
    rebuild = deeds.add_parser(
        "rebuild", help="compare positions with their ledger and claims, and mend them"
    )
    rebuild.add_argument("--item", metavar="SKU", help="this item only")
    rebuild.add_argument("--location", metavar="CODE", help="this place only")
    rebuild.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: Namespace) -> int:
    """Rebuild and say what differed; 0 also when something did, because it is mended."""
    looked, differed = asyncio.run(_rebuild(asked))
    if asked.json:
        print(json.dumps({"looked": looked, "differed": [_plain(one) for one in differed]}))
    else:
        print("\n".join([f"{looked} places looked at, {len(differed)} differed.", *map(_sentence, differed)]))
    return 0


async def _rebuild(asked: Namespace) -> tuple[int, list[Settled]]:
    async with joined() as installation:
        return await rebuild_all(installation.run, item=asked.item, location=asked.location)


async def rebuild_all(
    run: Run, *, item: str | None = None, location: str | None = None
) -> tuple[int, list[Settled]]:
    """Batch by batch, until all were looked at: how many places, and those that differed."""
    batch = await rebuild_next(run, OPERATOR, None, item=item, location=location)
    looked, differed = batch.looked, list(batch.differed)
    while batch.last is not None:
        batch = await rebuild_next(run, OPERATOR, batch.last, item=item, location=location)
        looked += batch.looked
        differed += batch.differed
    return looked, differed


def _plain(one: Settled) -> dict[str, Any]:
    return {
        "item_id": str(one.item_id),
        "location_id": str(one.location_id),
        "differences": [{"word": word, "said": said, "is": so} for word, said, so in one.differences],
        "shorts_opened": len(one.opened),
        "shorts_closed": len(one.closed),
    }


def _sentence(one: Settled) -> str:
    words = ", ".join(f"{word} said {said}, is {so}" for word, said, so in one.differences)
    return f"item {one.item_id} at {one.location_id}: {words}"
