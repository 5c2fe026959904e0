"""`ambidex import KIND FILE`: locations, items, stock, staff or orders, with a report of every line that could not be used."""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import secrets
import sys
from pathlib import Path

from ambidex.entry.import_file import harmless, read_file, read_orders
from ambidex.entry.import_orders import ORDERS
from ambidex.entry.installation import OPERATOR, joined
from ambidex.flows.import_places import ITEMS, LOCATIONS
from ambidex.flows.import_rows import Report, import_lines
from ambidex.flows.import_staff import STAFF
from ambidex.flows.import_stock import STOCK
from ambidex.kernel.values import asdict

KINDS = {kind.name: kind for kind in (LOCATIONS, ITEMS, STOCK, STAFF, ORDERS)}
FAULTS_SHOWN = 20


def arguments(parser: argparse.ArgumentParser) -> None:
    """What, from where, and where the report goes."""
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("file", type=Path)
    parser.add_argument("--again", action="store_true", help="apply lines again that were applied before")
    parser.add_argument("--errors", type=Path, metavar="CSV", help="write the report of faults there")
    parser.add_argument("--json", action="store_true")


def run(asked: argparse.Namespace) -> int:
    """Import and report; 1 when lines were refused."""
    if not asked.file.is_file():
        print(f"{asked.file} is no file.", file=sys.stderr)
        return 2
    report = asyncio.run(_import(asked))
    if asked.errors:
        _write_faults(asked.errors, report)
    print(json.dumps(_as_json(report)) if asked.json else _as_text(report))
    return 0 if report.is_clean else 1


async def _import(asked: argparse.Namespace) -> Report:
    file_hash, lines = (read_orders if asked.kind == ORDERS.name else read_file)(asked.file)
    if asked.again:
        file_hash = secrets.token_bytes(32)
    async with joined() as installation:
        return await import_lines(
            installation.run, OPERATOR, kind=KINDS[asked.kind], lines=lines, file_hash=file_hash
        )


def _as_json(report: Report) -> dict[str, object]:
    return {"ok": report.is_clean, **asdict(report)}


def _as_text(report: Report) -> str:
    lines = [
        f"{report.applied} of {report.lines} lines of {report.kind} applied"
        + (f", {report.already} were applied before" if report.already else "")
        + (f", {len({fault.line for fault in report.faults})} refused:" if report.faults else ".")
    ]
    lines += [
        f"  line {fault.line}: {fault.field or fault.code}: expected {fault.expected}"
        for fault in report.faults[:FAULTS_SHOWN]
    ]
    if len(report.faults) > FAULTS_SHOWN:
        lines.append(f"  and {len(report.faults) - FAULTS_SHOWN} more (--errors FILE writes all of them)")
    return "\n".join(lines)


def _write_faults(path: Path, report: Report) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["line", "code", "field", "expected"])
        rows.writerows(
            [fault.line, fault.code, harmless(fault.field), harmless(fault.expected)]
            for fault in report.faults
        )
