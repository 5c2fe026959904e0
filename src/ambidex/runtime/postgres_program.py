"""The program of the embedded PostgreSQL: make a cluster, start it detached, see whether it lives, stop it.

Everything here blocks; ``postgres`` calls it in threads and under the lock of the data folder.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from ambidex.runtime.postgres_home import SOCKET_PORT, SUPERUSER, Home, account, programs

# What was killed is gone once its last write to the disk is
DEAD_WITHIN_SECONDS = 60
# Fast where it costs no durability. An operator's own lines go to local.conf in the same folder.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "data_sync_retry": "off",
    "shared_buffers": "256MB",
    "max_connections": "100",
    "wal_compression": "on",
    "wal_buffers": "16MB",
    "min_wal_size": "256MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "5min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "15s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_directory": "../log",
    "log_filename": "postgres-%a.log",
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_checkpoints": "off",
}


class CannotStart(RuntimeError):
    """PostgreSQL did not start; the message ends with what it said."""


def make_cluster(home: Home) -> None:
    """Run initdb once. It works beside the final place, so a half-made cluster is never taken for one."""
    if (home.cluster / "PG_VERSION").exists():
        return
    fresh = home.path / "cluster.new"
    password = home.path / "password"
    _run("rm", "-rf", str(fresh), cwd=home.path)
    password.write_text(home.superuser_password)
    password.chmod(0o600)
    _give(password)
    try:
        made = _run(
            str(programs() / "initdb"),
            *("--pgdata", str(fresh), "--username", SUPERUSER, "--pwfile", str(password)),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--data-checksums"),
            cwd=home.path,
        )
    finally:
        password.unlink()
    if made.returncode != 0:
        raise CannotStart(f"initdb failed: {made.stdout[-2000:]}")
    fresh.rename(home.cluster)


def start(home: Home) -> None:
    """Start the server in a session of its own, so that it outlives us; returns before it answers.

    Call only under the folder's lock and when ``is_alive`` says no.
    """
    end_orphans(home)
    _write_settings(home)
    # PostgreSQL takes any living process with the number in a stale postmaster.pid for a rival, a zombie
    # too; it makes an exception for its grandparent, whose number it reads from this variable.
    # The socket's own lock file guards nothing that postmaster.pid does not.
    stale = postmaster(home)
    (home.path / f".s.PGSQL.{SOCKET_PORT}.lock").unlink(missing_ok=True)
    extra = {"PG_GRANDPARENT_PID": str(stale)} if stale is not None else {}
    _run(
        *("/bin/sh", "-c", 'exec "$@" >start.log 2>&1 </dev/null &', "sh"),
        *(str(programs() / "postgres"), "-D", str(home.cluster)),
        cwd=home.path,
        extra=extra,
    )


def stop(home: Home, *, seconds: float = 120) -> None:
    """Stop the server the fast way: transactions are rolled back, a checkpoint is written."""
    number = postmaster(home)
    if number is None or not is_alive(home):
        return
    os.kill(number, signal.SIGINT)
    until = time.monotonic() + seconds
    while is_alive(home):
        if time.monotonic() > until:
            raise TimeoutError(f"PostgreSQL did not stop within {seconds} seconds")
        time.sleep(0.05)


def postmaster(home: Home) -> int | None:
    """The process number written by the server, which may long be dead."""
    try:
        return int((home.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return None


def is_alive(home: Home) -> bool:
    """Is there a living postmaster of exactly this cluster? A zombie or a stranger is none."""
    number = postmaster(home)
    return number is not None and _serves(number, home.cluster)


def end_orphans(home: Home, *, patience_seconds: float = 1) -> None:
    """End what a killed postmaster left behind: a new one cannot start while it holds the shared memory."""
    orphans = [one for one in _postgres_processes() if _serves(one.pid, home.cluster)]
    for one in orphans:
        _signal(one, signal.SIGQUIT)
    _, stubborn = psutil.wait_procs(orphans, timeout=patience_seconds)
    for one in stubborn:
        _signal(one, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=DEAD_WITHIN_SECONDS)


def last_words(home: Home) -> str:
    """The end of what the server wrote, for the message of an error."""
    logs = [home.path / "start.log", *sorted((home.path / "log").glob("*.log"), key=_age)[-1:]]
    return "\n".join(log.read_text(errors="replace")[-1500:] for log in logs if log.exists())


def _age(log: Path) -> float:
    return log.stat().st_mtime


def _postgres_processes() -> Iterator[psutil.Process]:
    for one in psutil.process_iter(["name"]):
        if (one.info["name"] or "").startswith("postgres"):
            yield one


def _serves(number: int, cluster: Path) -> bool:
    try:
        found = psutil.Process(number)
        return found.status() != psutil.STATUS_ZOMBIE and Path(found.cwd()) == cluster.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _signal(one: psutil.Process, number: signal.Signals) -> None:
    try:
        one.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _write_settings(home: Home) -> None:
    listen = {
        "listen_addresses": "" if home.port is None else "127.0.0.1",
        "port": str(home.port or SOCKET_PORT),
        "unix_socket_directories": home.folder if home.port is None else "",
        "unix_socket_permissions": "0700",
    }
    lines = [f"{name} = '{value}'" for name, value in (SETTINGS | listen).items()]
    place = home.cluster / "postgresql.conf"
    place.write_text("\n".join([*lines, "include_if_exists = '../local.conf'", ""]))
    _give(place)


def _give(file: Path) -> None:
    runner = account()
    if runner is not None:
        os.chown(file, runner.uid, runner.gid)


def _run(*command: str, cwd: Path, extra: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's account, with nothing of our own surroundings but the path."""
    runner = account()
    surroundings = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"} | (extra or {})
    return subprocess.run(  # noqa: S603  # the programs of the wheel and /bin/sh, with our own words
        command,
        cwd=cwd,
        env=surroundings,
        check=False,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=None if runner is None else runner.uid,
        group=None if runner is None else runner.gid,
        extra_groups=None if runner is None else [],
    )
