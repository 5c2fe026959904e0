"""Importing a file, line by line: each line is applied wholly or named in the report; the same file again goes on.

Lines are applied in lists. When a list is refused it is halved until the lines that are at fault stand alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import BadInput, FieldError, Problem
from ambidex.kernel.values import dataclass, field
from ambidex.runtime import imports
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run

LIST_MAX = 200
TEXT_MAX = 4000

Fields = Mapping[str, str]


@dataclass(frozen=True)
class Line:
    """One line of a file: its number (the header of a CSV is 1) and its fields, or what kept it from being read."""

    number: int
    fields: Fields
    fault: str = ""


@dataclass(frozen=True)
class Kind:
    """How one kind of line is read (pure; raises Problem), identified within a list, and applied as a list."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    read: Callable[[Fields], Any]
    key: Callable[[Any], object]
    apply: Callable[[Tx, Sequence[Any]], Awaitable[object]]
    text_max: int = TEXT_MAX
    at_once: int = LIST_MAX


@dataclass(frozen=True)
class Fault:
    """What is wrong with one line."""

    line: int
    code: str
    field: str
    expected: str


@dataclass
class Report:
    """What became of a file."""

    kind: str
    lines: int = 0
    applied: int = 0
    already: int = 0
    faults: list[Fault] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every line was used."""
        return not self.faults


async def import_lines(
    run: Run, actor: Actor, *, kind: Kind, lines: Iterable[Line], file_hash: bytes
) -> Report:
    """Apply what can be applied and report the rest."""
    report = Report(kind.name)
    async with run.reading() as read:
        done = await imports.imported(read, file_hash)
    waiting: list[tuple[int, Any]] = []
    keys: set[object] = set()
    for line in lines:
        report.lines += 1
        if line.number in done:
            report.already += 1
            continue
        found = _read(kind, line, report)
        if found is None:
            continue
        if len(waiting) >= kind.at_once or kind.key(found) in keys:
            await _apply(run, actor, kind=kind, waiting=waiting, file_hash=file_hash, report=report)
            waiting, keys = [], set()
        waiting.append((line.number, found))
        keys.add(kind.key(found))
    await _apply(run, actor, kind=kind, waiting=waiting, file_hash=file_hash, report=report)
    report.faults.sort(key=lambda fault: fault.line)
    return report


def _read(kind: Kind, line: Line, report: Report) -> Any:
    try:
        if line.fault:
            raise BadInput(errors=[{"field": "line", "expected": line.fault}])
        _check(kind, line.fields)
        return kind.read(line.fields)
    except Problem as refused:
        report.faults += _faults(line.number, refused)
    return None


def _check(kind: Kind, fields: Fields) -> None:
    """Refuse what no line of this kind may hold."""
    errors: list[FieldError] = [
        {"field": name, "expected": f"one of {', '.join(kind.columns)}"}
        for name in fields
        if name not in kind.columns
    ]
    errors += [
        {"field": name, "expected": "a value"} for name in kind.required if not fields.get(name, "").strip()
    ]
    errors += [
        {"field": name, "expected": f"printable text of at most {kind.text_max} characters"}
        for name, value in fields.items()
        if len(value) > kind.text_max or any(ord(sign) < 32 and sign not in "\n\r\t" for sign in value)
    ]
    if errors:
        raise BadInput(errors=errors)


async def _apply(
    run: Run,
    actor: Actor,
    *,
    kind: Kind,
    waiting: Sequence[tuple[int, Any]],
    file_hash: bytes,
    report: Report,
) -> None:
    if not waiting:
        return
    try:
        await run.perform(actor, _store, kind=kind, waiting=waiting, file_hash=file_hash)
        report.applied += len(waiting)
    except Problem as refused:
        if len(waiting) == 1:
            report.faults += _faults(waiting[0][0], refused)
            return
        half = len(waiting) // 2
        for part in (
            waiting[:half],
            waiting[half:],
        ):  # halving: a list of 200 with one bad line asks 16 times
            await _apply(run, actor, kind=kind, waiting=part, file_hash=file_hash, report=report)


async def _store(tx: Tx, *, kind: Kind, waiting: Sequence[tuple[int, Any]], file_hash: bytes) -> None:
    await kind.apply(tx, [found for _, found in waiting])
    await imports.note(tx, file_hash, [number for number, _ in waiting])


def _faults(number: int, refused: Problem) -> list[Fault]:
    if not refused.errors:
        return [Fault(number, refused.code, "", f"{refused.title} {refused.detail}".strip())]
    return [
        Fault(number, refused.code, str(error.get("field", "")), str(error.get("expected", "")))
        for error in refused.errors
    ]
