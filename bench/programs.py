"""What a bench runs on: a durable embedded server of its own, server programs, a worker and a mailbox; gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ambidex.entry.migrate import migrate
from ambidex.integrations.mail.mailbox import Mailbox
from ambidex.runtime import postgres
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from ambidex.runtime.postgres import ServerAddress
from ambidex.runtime.postgres_home import read_home
from ambidex.runtime.postgres_program import postmaster

CLI = ("-m", "ambidex.entry.cli")
UP_WITHIN_SECONDS = 60


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def machine() -> dict[str, Any]:
    """Where the figures come from; a crowded machine says so itself."""
    return {
        "cpus": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 1),
        "python": sys.version.split()[0],
    }


@dataclass
class House:
    """One installation under load."""

    folder: Path
    address: ServerAddress
    run: Run
    ports: list[int] = field(default_factory=list)
    programs: list[subprocess.Popen[bytes]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    mail_port: int = 0

    @property
    def postmaster(self) -> int:
        """The number of the database server's first process."""
        home = read_home(self.folder)
        number = None if home is None else postmaster(home)
        assert number is not None, "the house has a running server"
        return number

    def start(self, *words: str, **told: str) -> subprocess.Popen[bytes]:
        """One program of ours in this installation."""
        environment = {
            **os.environ,
            "AMBIDEX_DATA": str(self.folder),
            "AMBIDEX_SMTP_PORT": str(self.mail_port),
            "AMBIDEX_LOG_LEVEL": "warning",
            **told,
        }
        with (self.folder / "programs.log").open("ab") as log:
            program = subprocess.Popen(
                [sys.executable, *CLI, *words], env=environment, stdout=log, stderr=log
            )
        self.programs.append(program)
        self.names.append(words[0])
        return program

    async def serve(self, servers: int) -> None:
        """Server programs, each on a port of its own, and one worker."""
        for _ in range(servers):
            port = free_port()
            self.start("serve", "--port", str(port))
            self.ports.append(port)
        self.start("worker")
        await asyncio.gather(*(until_up(f"http://127.0.0.1:{port}/readyz") for port in self.ports))

    def end(self) -> None:
        for program in self.programs:
            program.send_signal(signal.SIGTERM)
        for program in self.programs:
            try:
                program.wait(20)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()


@asynccontextmanager
async def house() -> AsyncIterator[House]:
    """A fresh installation, migrated and empty."""
    with tempfile.TemporaryDirectory(prefix="ambidex-bench-") as name:
        folder = Path(name)
        await asyncio.to_thread(folder.chmod, 0o755)
        address = await postgres.ensure_server(folder)
        await migrate(address.owner)
        database = Database(address.app, pool_size=4)
        mailbox = Mailbox(folder / "mail", port=free_port())
        mailbox.start()
        built = House(folder, address, Run(database), mail_port=mailbox.port)
        try:
            yield built
        finally:
            await asyncio.to_thread(built.end)
            mailbox.stop()
            await database.close()
            await postgres.remove_server(folder)


async def until_up(address: str, *, seconds: float = UP_WITHIN_SECONDS) -> None:
    """Until it answers 200."""
    for _ in range(int(seconds / 0.05)):
        if await asyncio.to_thread(_is_up, address):
            return
        await asyncio.sleep(0.05)
    raise TimeoutError(f"{address} did not answer within {seconds} s")


def _is_up(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310  # loopback only
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
