"""The command line: one small module per command, loaded only when it is asked for.

Each module has `arguments(parser)` and `run(asked) -> int`; the sentence here is its help.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from typing import Any

import structlog

from ambidex.kernel.problem import Problem
from ambidex.runtime.postgres import NotDurable
from ambidex.runtime.postgres_program import CannotStart
from ambidex.runtime.settings import BadSetting

COMMANDS = {
    "demo": "a made-up retailer on a live day, in one window",
    "serve": "the server: pages and API",
    "worker": "the worker: reactions, messages, watchdogs, reconciliation",
    "migrate": "bring the database to the newest schema",
    "token": "create, list or revoke tokens of programs",
    "account": "create sign-ins of people",
    "source": "register systems that send to us, and rotate their secrets",
    "import": "locations, items, stock or staff from CSV or JSON lines",
    "stock": "rebuild what is on hand from the ledger and the claims",
    "routing": "versions of the rules, replay of a day, simulation",
    "audit": "prove the invariants on the live database",
    "bench": "one of the figures of quality, with its comparison",
    "rig": "a long rig: what must never happen, with a control that must fail",
}


def main(words: Sequence[str] | None = None) -> int:
    """Find the command, read its arguments, run it."""
    parser = argparse.ArgumentParser(
        prog="ambidex", description="The left hand knows what the right hand is doing."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked_for = _first_word(sys.argv[1:] if words is None else words)
    for name, sentence in COMMANDS.items():
        sub = commands.add_parser(name, help=sentence, description=sentence)
        if name == asked_for:
            module = importlib.import_module(f"ambidex.entry.cli_{name}")
            module.arguments(sub)
            sub.set_defaults(run=module.run)
    asked = parser.parse_args(words)
    _log_to_stderr()
    return _run(asked)


def _run(asked: Any) -> int:
    try:
        return int(asked.run(asked))
    except (Problem, BadSetting, NotDurable, CannotStart) as refused:
        print(sentence_of(refused), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def sentence_of(refused: Exception) -> str:
    """A refusal for a person at a terminal: what, which fields, what to do."""
    if not isinstance(refused, Problem):
        return str(refused)
    lines = [f"{refused.title} {refused.detail}".strip()]
    lines += [
        f"  {error.get('field', '')}: expected {error.get('expected', '')}. {error.get('advice', '')}".rstrip(
            " ."
        )
        for error in refused.errors
    ]
    return "\n".join([*lines, refused.advice]).rstrip()


def _first_word(words: Sequence[str]) -> str:
    return next((word for word in words if not word.startswith("-")), "")


def _log_to_stderr() -> None:
    """Standard output belongs to the answer, which may be JSON. A server sets its own log up later."""
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )


if __name__ == "__main__":
    sys.exit(main())
