"""What the same PostgreSQL does in the same minutes: pgbench, TPC-B-like, prepared statements."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ambidex.runtime import postgres
from ambidex.runtime.postgres_home import programs

_TPS = re.compile(r"tps = ([\d.]+) \(without initial")
DATABASE = "bench_tpcb"


def program() -> str | None:
    """pgbench of the embedded server, else of the system."""
    bundled = Path(programs()) / "pgbench"
    return str(bundled) if bundled.exists() else shutil.which("pgbench")


class Comparison:
    """TPC-B on a database of its own in the same server."""

    def __init__(self, owner_url: str, *, scale: int, clients: int = 32) -> None:
        self._url = owner_url
        self.scale = scale
        self.clients = clients
        self.tps: list[float] = []

    async def prepare(self) -> bool:
        """Make its tables; False when there is no pgbench on this machine, or no comparison is wanted."""
        if program() is None or not self.scale:
            return False
        await postgres.clone_database(self._url, "template1", DATABASE)
        await asyncio.to_thread(self._run, "-i", "-q", "-s", str(self.scale))
        return True

    async def measure(self, *, seconds: int) -> None:
        """One run, when there is something to compare with; `median` is over all of them."""
        if program() is None or not self.scale:
            return
        words = ("-M", "prepared", "-c", str(self.clients), "-j", "2", "-T", str(seconds))
        said = await asyncio.to_thread(self._run, *words)
        found = _TPS.search(said)
        # on a machine that is busy with something else, a run may not finish one transaction
        self.tps.append(float(found.group(1)) if found else 0.0)

    @property
    def median(self) -> float | None:
        return round(statistics.median(self.tps), 1) if self.tps else None

    def json(self) -> dict[str, Any]:
        runs = [round(tps, 1) for tps in self.tps]
        return {"what": "pgbench TPC-B, prepared", "scale": self.scale, "clients": self.clients, "runs": runs}

    def _run(self, *words: str) -> str:
        found = program()
        assert found is not None
        parts = urlsplit(self._url)
        query = parse_qs(parts.query)
        host = query.get("host", [parts.hostname or "127.0.0.1"])[0]
        port = query.get("port", [str(parts.port or 5432)])[0]
        done = subprocess.run(
            [found, "-h", host, "-p", port, "-U", parts.username or "", *words, DATABASE],
            env={**os.environ, "PGPASSWORD": parts.password or ""},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout + done.stderr
