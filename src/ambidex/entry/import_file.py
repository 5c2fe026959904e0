"""Files become lines: CSV with any usual separator, or JSON lines; what cannot be read is a line with a fault."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ambidex.flows.import_rows import Line

SEPARATORS = ",;\t|"
FIELD_MAX = 100_000
LOST = "\N{REPLACEMENT CHARACTER}"
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def read_file(path: Path) -> tuple[bytes, Iterator[Line]]:
    """The hash of the file and its lines."""
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig", errors="replace")
    lines = _json_lines(text) if _is_json(path, text) else _csv_lines(text)
    return hashlib.sha256(raw).digest(), lines


def read_orders(path: Path) -> tuple[bytes, Iterator[Line]]:
    """The hash of a file of JSON lines, and each of its lines whole: an order is more than flat fields."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").digest()
    return found, _whole_lines(path)


def _whole_lines(path: Path) -> Iterator[Line]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, start=1):
            if text := line.strip():
                yield Line(number, {"order": text}, _lost([text]))


def harmless(value: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{value}" if value.startswith(FORMULA) else value


def _is_json(path: Path, text: str) -> bool:
    return path.suffix in {".jsonl", ".ndjson", ".json"} or text.lstrip()[:1] == "{"


def _csv_lines(text: str) -> Iterator[Line]:
    csv.field_size_limit(FIELD_MAX)
    header = text.partition("\n")[0]
    separator = max(SEPARATORS, key=header.count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    columns = [name.strip().lower() for name in next(rows, [])]
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as fault:
            yield Line(rows.line_num, {}, f"a line that can be read ({fault})")
            continue
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield _csv_line(rows.line_num, columns, cells)


def _csv_line(number: int, columns: list[str], cells: list[str]) -> Line:
    if len(cells) != len(columns):
        return Line(number, {}, f"{len(columns)} fields, as in the first line, not {len(cells)}")
    return Line(number, dict(zip(columns, cells, strict=True)), _lost(cells))


def _json_lines(text: str) -> Iterator[Line]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield _json_line(number, line)


def _json_line(number: int, line: str) -> Line:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Line(number, {}, "one JSON object")
    if not isinstance(found, dict):
        return Line(number, {}, "one JSON object")
    fields = {str(name).strip().lower(): _as_text(value) for name, value in found.items()}
    return Line(number, fields, _lost(list(fields.values())))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return "|".join(map(_as_text, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value)


def _lost(values: list[str]) -> str:
    return "UTF-8 text" if any(LOST in value for value in values) else ""
