"""What the documents name exists: commands, files, links."""

import argparse
import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from ambidex.entry.cli import COMMANDS
from tests.repo.sources import ROOT

LINK = re.compile(r"\[[^\]]*\]\((?!\w+:|#)([^)#\s]+)")
PATH = re.compile(r"`((?:src|tests|docs|migrations|bench|\.ci)/[\w./-]+)`")
COMMAND = re.compile(r"\./dev ([a-z][a-z-]*)")
PROGRAM = re.compile(r"(?:`|bin/)ambidex ([a-z]+)([^`\n]*)")
BESIDE = {"bench": "bench", "rig": "tests.rigs"}


def documents() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def dev_commands() -> set[str]:
    """The commands of ./dev, as its own table of contents names them."""
    script = (ROOT / "dev").read_text()
    return set(re.findall(r'^        "([a-z-]+)": ', script, re.MULTILINE))


@cache
def words_of(command: str) -> frozenset[str]:
    """The options and sub-commands that a command of the program knows."""
    parser = argparse.ArgumentParser(add_help=False)
    importlib.import_module(f"ambidex.entry.cli_{command}").arguments(parser)
    known, waiting = {"--json"} if command in BESIDE else set(), [parser]
    while waiting:
        for action in waiting.pop()._actions:
            known |= {*action.option_strings, *map(str, action.choices or ())}
            if isinstance(action, argparse._SubParsersAction):
                waiting += [_whole(command, name, one) for name, one in action.choices.items()]
    return frozenset(known)


def _whole(command: str, name: str, parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """A bench or a rig brings its own options when it is asked for."""
    if command in BESIDE:
        importlib.import_module(f"{BESIDE[command]}.{name.replace('-', '_')}").arguments(parser)
    return parser


def missing_of_program(text: str) -> Iterator[str]:
    """Commands, their first word and their options that the program does not know."""
    for name, rest in PROGRAM.findall(text):
        if name not in COMMANDS:
            yield f"ambidex {name}"
            continue
        first = re.findall(r"^ ([a-z][a-z-]*)\b", rest)
        for word in [*first, *re.findall(r"--[a-z-]+", rest)]:
            if word not in words_of(name):
                yield f"ambidex {name} {word}"


def missing_in(text: str, beside: Path, commands: set[str]) -> Iterator[str]:
    """What a text names that is not there."""
    for name in COMMAND.findall(text):
        if name not in commands:
            yield f"./dev {name}"
    yield from missing_of_program(text)
    for named in PATH.findall(text):
        if not (ROOT / named).exists():
            yield named
    for target in LINK.findall(text):
        if not (beside / target).exists():
            yield target


@pytest.mark.parametrize("document", documents(), ids=lambda place: str(place.relative_to(ROOT)))
def test_what_a_document_names_exists(document: Path) -> None:
    assert list(missing_in(document.read_text(), document.parent, dev_commands())) == []


def test_the_check_tells_good_from_bad() -> None:
    good = "Run `./dev check` and `ambidex bench start --json`, read `src/ambidex/kernel/money.py` and [the rules](tests/repo/ratchets.py)."
    bad = "Run `./dev dance`, `ambidex sing` and `ambidex bench tea --hot`, read `src/ambidex/kernel/gold.py` and [the rules](tests/repo/gone.py)."

    assert list(missing_in(good, ROOT, dev_commands())) == []
    assert list(missing_in(bad, ROOT, dev_commands())) == [
        "./dev dance",
        "ambidex sing",
        "ambidex bench tea",
        "ambidex bench --hot",
        "src/ambidex/kernel/gold.py",
        "tests/repo/gone.py",
    ]


def test_every_command_of_dev_is_explained_by_dev() -> None:
    help_text = (ROOT / "dev").read_text().split('"""')[1]

    assert set(COMMAND.findall(help_text)) == dev_commands()


@pytest.mark.parametrize(
    "record", sorted((ROOT / "docs" / "decisions").glob("*.md")), ids=lambda place: place.stem
)
def test_a_decision_record_has_a_number_and_a_title(record: Path) -> None:
    assert re.fullmatch(r"\d{4}-[a-z0-9-]+", record.stem)
    assert record.read_text().startswith("# ")
