"""`ambidex audit`: prove the invariants on the live database; exit 1 when one is broken."""

from __future__ import annotations

import asyncio
import json
from argparse import ArgumentParser, Namespace

from ambidex.entry.audit import audit, sentences
from ambidex.entry.installation import joined
from ambidex.reads.audit import Report


def arguments(parser: ArgumentParser) -> None:
    """What may be asked."""
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(asked: Namespace) -> int:
    """Print the report."""
    report = asyncio.run(_ask())
    print(json.dumps(report.json()) if asked.json else sentences(report))
    return 0 if report.ok else 1


async def _ask() -> Report:
    async with joined() as installation:
        return await audit(installation.run)
