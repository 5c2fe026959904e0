"""`ambidex worker`: reactions, messages, watchdogs and reconciliation, until SIGTERM or SIGINT. Any number may run."""

from __future__ import annotations

import argparse

from ambidex.entry import worker
from ambidex.runtime.settings import Settings


def arguments(_: argparse.ArgumentParser) -> None:
    """Everything comes from AMBIDEX_* variables."""


def run(_: argparse.Namespace) -> int:
    """Work until told to stop. The embedded database is brought up to date first."""
    settings = Settings.load()
    worker.main(settings)
    return 0
