"""`ambidex serve`: pages and API, until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import os

from ambidex.entry import server
from ambidex.runtime.settings import Settings


def arguments(parser: argparse.ArgumentParser) -> None:
    """Everything else comes from AMBIDEX_* variables."""
    parser.add_argument("--port", type=int, default=None, help="instead of AMBIDEX_PORT; 0 takes a free one")


def run(asked: argparse.Namespace) -> int:
    """Serve until told to stop. The embedded database is brought up to date first."""
    told = {} if asked.port is None else {"AMBIDEX_PORT": str(asked.port)}
    settings = Settings.load({**os.environ, **told})
    server.main(settings)
    return 0
