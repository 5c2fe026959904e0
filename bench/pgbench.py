"""What the same PostgreSQL does in the same minutes: pgbench, TPC-B-like or a script, prepared statements."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg

from ambidex.runtime import postgres
from ambidex.runtime.postgres_home import programs

_TPS = re.compile(r"tps = ([\d.]+) \(without initial")
DATABASE = "bench_tpcb"


def program() -> str | None:
    """pgbench of the embedded server, else of the system."""
    bundled = Path(programs()) / "pgbench"
    return str(bundled) if bundled.exists() else shutil.which("pgbench")


@dataclass(frozen=True)
class Script:
    """Transactions of our own in place of TPC-B: what they are, their tables, and one of them."""

    what: str
    tables: str
    transaction: str


class Comparison:
    """TPC-B, or a script, on a database of its own in the same server. Scale 0: there is none."""

    def __init__(
        self, owner_url: str, *, scale: int = 1, clients: int = 32, script: Script | None = None
    ) -> None:
        self._url = owner_url
        self._script = script
        self.scale = scale
        self.clients = clients
        self.tps: list[float] = []

    @property
    def is_there(self) -> bool:
        """Whether this machine has pgbench, and a comparison is wanted."""
        return program() is not None and self.scale > 0

    async def prepare(self) -> None:
        """Make its tables."""
        if not self.is_there:
            return
        url = await postgres.clone_database(self._url, "template1", DATABASE)
        if self._script is None:
            await asyncio.to_thread(self._run, "-i", "-q", "-s", str(self.scale))
            return
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(self._script.tables)
        finally:
            await connection.close()

    async def measure(self, *, seconds: int) -> None:
        """One run, when there is something to compare with; `median` is over all of them."""
        if not self.is_there:
            return
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(self._script.transaction if self._script else "")
            file.flush()
            how = ("-n", "-f", file.name) if self._script else ()
            words = ("-M", "prepared", "-c", str(self.clients), "-j", "2", "-T", str(seconds), *how)
            said = await asyncio.to_thread(self._run, *words)
        found = _TPS.search(said)
        # on a machine that is busy with something else, a run may not finish one transaction
        self.tps.append(float(found.group(1)) if found else 0.0)

    @property
    def median(self) -> float | None:
        return round(statistics.median(self.tps), 1) if self.tps else None

    def json(self) -> dict[str, Any]:
        runs = [round(tps, 1) for tps in self.tps]
        what = self._script.what if self._script else f"pgbench TPC-B, prepared, scale {self.scale}"
        return {"what": what, "clients": self.clients, "runs": runs}

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
