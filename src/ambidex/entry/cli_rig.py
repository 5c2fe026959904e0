"""`ambidex rig NAME`: a long rig of the checkout's tests/rigs, its control included; exit 1 when either disappoints."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

RIGS = ("drift", "message_truth", "kill", "inbox", "oversell", "canary", "quote", "edits")


def arguments(parser: argparse.ArgumentParser) -> None:
    """One parser for each rig; its options are its own."""
    sys.path.insert(0, str(Path.cwd()))
    rigs = parser.add_subparsers(dest="rig", required=True, metavar="RIG")
    for name in RIGS:
        sub = rigs.add_parser(name.replace("_", "-"), help=f"tests/rigs/{name}.py")
        if name == _asked():
            module = importlib.import_module(f"tests.rigs.{name}")
            module.arguments(sub)  # each has --json: one line of JSON at the end
            sub.set_defaults(rig_of=module.run)


def run(asked: argparse.Namespace) -> int:
    """Run the rig that was asked for."""
    return int(asked.rig_of(asked))


def _asked() -> str:
    after = sys.argv[sys.argv.index("rig") + 1 :] if "rig" in sys.argv else []
    return after[0].replace("-", "_") if after else ""
