"""Start: `ambidex demo` until its first page, on a fresh data folder and again on the same; memory of everything."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from ambidex.runtime import postgres, postgres_home
from bench.programs import CLI, free_port, machine, until_up

SETTLED_SECONDS = 3


def arguments(parser: argparse.ArgumentParser) -> None:
    """How long it may take before it counts as broken."""
    parser.add_argument("--patience", type=int, default=180, help="seconds")


def run(asked: argparse.Namespace) -> dict[str, Any]:
    """The figures: `value` is the first start of all, which makes the database and the made-up retailer."""
    return asyncio.run(_measure(asked.patience))


async def _measure(patience: int) -> dict[str, Any]:
    figures: dict[str, Any] = {"name": "start", "unit": "s", "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="ambidex-start-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        try:
            figures["value"], _ = await _start(folder, patience)
            figures["again"], figures["memory_mb"] = await _start(folder, patience)
        finally:
            await postgres.remove_server(folder)
    figures |= {"comparison": None, "ratio": None, "memory_of": "proportional share of all processes"}
    return figures


async def _start(folder: Path, patience: int) -> tuple[float, float]:
    port = free_port()
    began = time.monotonic()
    demo = _demo(folder, port)
    try:
        await until_up(f"http://127.0.0.1:{port}/", seconds=patience)
        seconds = round(time.monotonic() - began, 2)
        await asyncio.sleep(SETTLED_SECONDS)
        return seconds, _megabytes(demo.pid, folder)
    finally:
        demo.send_signal(signal.SIGINT)
        try:
            await asyncio.to_thread(demo.wait, 30)
        except subprocess.TimeoutExpired:
            demo.kill()


def _demo(folder: Path, port: int) -> subprocess.Popen[bytes]:
    with (folder / "demo.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, *CLI, "demo", "--port", str(port), "--data", str(folder), "--quiet-day"],
            stdout=log,
            stderr=log,
            env={**os.environ, "AMBIDEX_LOG_LEVEL": "warning"},
        )


def _megabytes(pid: int, folder: Path) -> float:
    """The demo with its children, and PostgreSQL, which outlives it on purpose; shared pages are counted once."""
    ours = psutil.Process(pid)
    family = {ours.pid: ours} | {child.pid: child for child in ours.children(recursive=True)}
    for one in psutil.process_iter(["name"]):
        if (one.info["name"] or "").startswith("postgres") and _serves(one, folder):
            family[one.pid] = one
    return round(sum(_share(one) for one in family.values()) / 1_000_000, 1)


def _serves(one: psutil.Process, folder: Path) -> bool:
    home = postgres_home.read_home(folder)
    try:
        return home is not None and Path(one.cwd()) == home.cluster.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _share(one: psutil.Process) -> int:
    try:
        return int(one.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError):
        return 0
