"""`ambidex demo`: a made-up retailer with server, worker, mailbox and a live day, in one window."""

from __future__ import annotations

import argparse
import asyncio
import os
from pathlib import Path

from ambidex.entry.demo.household import Wishes, run_household
from ambidex.runtime.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where it listens, where it keeps its things, whether a day is played."""
    parser.add_argument(
        "--port", type=int, default=8000, help="a free one is taken when somebody else has it"
    )
    parser.add_argument(
        "--data", type=Path, default=None, help="data folder; AMBIDEX_DATA or ./var unless given"
    )
    parser.add_argument(
        "--quiet-day", action="store_true", help="no live day: nothing happens unless you do it"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same number makes the same retailer and day")


def run(asked: argparse.Namespace) -> int:
    """Until Ctrl-C."""
    told = {} if asked.data is None else {"AMBIDEX_DATA": str(asked.data)}
    settings = Settings.load({**os.environ, **told})
    asyncio.run(run_household(settings, Wishes(asked.port, asked.seed, live_day=not asked.quiet_day)))
    return 0
