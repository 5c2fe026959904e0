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
    """Join the installation and prove it."""
    return answer(asyncio.run(_ask()), as_json=asked.json)


def answer(report: Report, *, as_json: bool) -> int:
    """Print the report; the exit code."""
    print(json.dumps(report.json()) if as_json else sentences(report))
    return 0 if report.ok else 1


async def _ask() -> Report:
    async with joined() as installation:
        return await audit(installation.run)
