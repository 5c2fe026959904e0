"""The programs a kill rig starts and kills: servers, a worker, the embedded PostgreSQL, each a real process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from ambidex.runtime import postgres_home, postgres_program
from tests.free_ports import free_port

CLI = ("-m", "ambidex.entry.cli")


@dataclass
class Program:
    """One program of ours; `begin` again after it died, with the next crash point if any."""

    name: str
    words: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def begin(self, crash_at: str = "") -> None:
        """Start it; it dies by itself at the crash point."""
        told = {**os.environ, **self.environment, "AMBIDEX_CRASH_AT": crash_at}
        told.pop(
            "PYTHONDONTWRITEBYTECODE", None
        )  # a program that compiles everything anew is not back at once
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, *self.words], env=told, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )

    @property
    def is_dead(self) -> bool:
        return self.running is None or self.running.poll() is not None

    def kill(self) -> None:
        """As the power would."""
        if self.running is not None:
            self.running.kill()
            self.running.wait()

    def end(self) -> None:
        """As an operator would."""
        if self.running is not None and not self.is_dead:
            self.running.send_signal(signal.SIGTERM)
            try:
                self.running.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@dataclass
class Installation:
    """A data folder with its programs: `servers` behind each other's back, as behind a load balancer."""

    folder: Path
    mail_port: int
    servers: list[Program] = field(default_factory=list)
    worker: Program = field(init=False)
    ports: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.worker = Program("worker", (*CLI, "worker"), self.environment(), self.folder / "worker.log")

    def environment(self) -> dict[str, str]:
        """What every program of the installation is told."""
        return {
            "AMBIDEX_DATA": str(self.folder),
            "AMBIDEX_SMTP_PORT": str(self.mail_port),
            "AMBIDEX_MAIL_FOLDER": str(self.folder / "mail"),
            "AMBIDEX_LOG_LEVEL": "warning",
            "AMBIDEX_POOL_SIZE": "6",
            "AMBIDEX_WEBHOOK_NETWORKS": "127.0.0.0/8",
        }

    def add_server(self, *words: str) -> None:
        """One more server on a port of its own; `words` replaces the program (controls)."""
        port, number = free_port(), len(self.servers) + 1
        told = {**self.environment(), "AMBIDEX_PORT": str(port)}
        log = self.folder / f"server-{number}.log"
        self.servers.append(Program(f"server {number}", words or (*CLI, "serve"), told, log))
        self.ports.append(port)

    def replace_worker(self, *words: str) -> None:
        """Another program works instead (controls)."""
        self.worker = Program("worker", words, self.environment(), self.folder / "worker.log")

    def kill_postgres(self) -> None:
        """Kill the postmaster and leave its children to notice."""
        home = postgres_home.read_home(self.folder)
        assert home is not None
        number = postgres_program.postmaster(home)
        assert number is not None, "it was dead already"
        os.kill(number, signal.SIGKILL)

    def end(self) -> None:
        """Stop the programs, not the database."""
        for program in (*self.servers, self.worker):
            program.end()
