"""`ambidex bench NAME`: a figure of the quality page from the checkout's bench/, beside its comparison."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path

BENCHES = (
    "feed",
    "find",
    "growth",
    "hot_item",
    "intake",
    "promise",
    "publisher",
    "replay",
    "route",
    "start",
    "statements",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """One parser for each bench; its options are its own."""
    sys.path.insert(0, str(Path.cwd()))
    benches = parser.add_subparsers(dest="bench", required=True, metavar="BENCH")
    for name in BENCHES:
        sub = benches.add_parser(name, help=f"bench/{name}.py")
        if name in sys.argv:
            module = importlib.import_module(f"bench.{name}")
            module.arguments(sub)
            sub.add_argument(
                "--json", action="store_true", help="one line of JSON at the end and nothing else"
            )
            sub.set_defaults(bench_of=module.run)


def run(asked: argparse.Namespace) -> int:
    """Measure and print."""
    figures = asked.bench_of(asked)
    if not asked.json:
        for name, value in figures.items():
            print(f"{name:24} {value}")
    print(json.dumps(figures))
    return 0
