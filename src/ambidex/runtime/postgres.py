"""The database server: embedded and supervised by default, or any server by its address.

``supervised`` is what processes use.  The embedded server outlives every process that started it; whoever
finds it dead restarts it under the lock of the data folder, and the others attach to the same address.
"""

import asyncio
import contextlib
import fcntl
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import structlog

from ambidex.kernel.values import dataclass, replace
from ambidex.runtime import postgres_home, postgres_program
from ambidex.runtime.postgres_home import APP, DATABASE, OWNER, SUPERUSER, Home

log = structlog.get_logger()

LOOK_EVERY_SECONDS = 0.25
READY_WITHIN_SECONDS = 120.0
# What a server says or does while it is starting, recovering or gone.
NOT_YET = (OSError, asyncpg.CannotConnectNowError, asyncpg.ConnectionDoesNotExistError, TimeoutError)
DURABLE = {
    "fsync": {"on"},
    "full_page_writes": {"on"},
    "synchronous_commit": {"on", "local", "remote_write", "remote_apply"},
    "data_sync_retry": {"off"},
}


class NotDurable(RuntimeError):
    """The server could lose what it confirmed; the message names the settings."""


@dataclass(frozen=True)
class ServerAddress:
    """``app`` is for everything; ``owner`` owns the tables and is for migrations only. Both are libpq URLs."""

    app: str
    owner: str


@contextlib.asynccontextmanager
async def supervised(
    folder: Path, *, url: str | None = None, owner_url: str | None = None
) -> AsyncIterator[ServerAddress]:
    """The address of a running, durable server; the embedded one of ``folder`` is kept alive meanwhile.

    With ``url`` that server is used and nobody supervises it; migrations then need ``owner_url`` if the
    application's role does not own the tables.
    """
    if url is not None:
        address = ServerAddress(app=plain_url(url), owner=plain_url(owner_url or url))
        await refuse_unsafe(address.app)
        yield address
        return
    address = await ensure_server(folder)
    supervisor = Supervisor(folder)
    watching = asyncio.create_task(supervisor.watch(), name="postgres-supervisor")
    try:
        yield address
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def ensure_server(folder: Path) -> ServerAddress:
    """Start the embedded server of a data folder, or attach to it; it answers when this returns.

    Raises ``CannotStart`` with the server's last words, or ``NotDurable``.
    """
    folder = postgres_home.open_folder(folder)
    async with _locked(folder):
        _stopped(folder).unlink(missing_ok=True)
        home = await asyncio.to_thread(postgres_home.open_home, folder)
        await asyncio.to_thread(postgres_program.make_cluster, home)
        home = await _running(folder, home)
        if not home.prepared:
            await _make_roles(home)
            home = replace(home, prepared=True)
            postgres_home.save_home(folder, home)
    address = ServerAddress(app=home.url(APP), owner=home.url(OWNER))
    await refuse_unsafe(address.app)
    return address


async def stop_server(folder: Path) -> None:
    """Stop the embedded server of a data folder; its supervisors leave it alone until the next start."""
    folder = postgres_home.open_folder(folder)
    if postgres_home.read_home(folder) is None:
        return
    async with _locked(folder):
        home = postgres_home.read_home(folder)
        if home is not None:
            _stopped(folder).touch()
            await asyncio.to_thread(postgres_program.stop, home)


async def remove_server(folder: Path) -> None:
    """Stop the embedded server and delete everything it stored, wherever that lies."""
    await stop_server(folder)
    home = postgres_home.read_home(folder)
    if home is not None:
        await asyncio.to_thread(shutil.rmtree, home.path)
        (folder / "postgres.json").unlink()


class Supervisor:
    """Looks four times a second whether the embedded server lives, and brings it back."""

    def __init__(self, folder: Path) -> None:
        self.folder = postgres_home.open_folder(folder)
        self.restarts = 0

    async def watch(self) -> None:
        """Runs until it is canceled."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            if self._is_missed():
                await self._bring_back()

    def _is_missed(self) -> bool:
        home = postgres_home.read_home(self.folder)
        return home is not None and not _stopped(self.folder).exists() and not postgres_program.is_alive(home)

    async def _bring_back(self) -> None:
        log.warning("postgres-missed", folder=str(self.folder))
        try:
            await ensure_server(self.folder)
        except (postgres_program.CannotStart, OSError):
            log.exception("postgres-not-restarted")
            return
        self.restarts += 1
        log.warning("postgres-restarted", restarts=self.restarts)


async def refuse_unsafe(url: str) -> None:
    """Raise ``NotDurable`` when the server may lose confirmed transactions; mention missing checksums."""
    connection = await asyncpg.connect(url)
    try:
        found = {name: await connection.fetchval(f"show {name}") for name in (*DURABLE, "data_checksums")}
    finally:
        await connection.close()
    unsafe = {name: found[name] for name, allowed in DURABLE.items() if found[name] not in allowed}
    if unsafe:
        raise NotDurable(f"the database server could lose confirmed orders: {unsafe}; switch these back")
    if found["data_checksums"] != "on":
        log.warning("postgres-without-checksums", advice="run pg_checksums --enable on the stopped server")


async def clone_database(owner_url: str, template: str, name: str) -> str:
    """Copy a database nobody is connected to; answers the owner's address of the copy."""
    connection = await asyncpg.connect(on_database(owner_url, "postgres"))
    try:
        await connection.execute(f"create database {_quoted(name)} template {_quoted(template)}")
    finally:
        await connection.close()
    return on_database(owner_url, name)


async def drop_database(owner_url: str, name: str) -> None:
    """Drop a database, with whoever is connected to it."""
    connection = await asyncpg.connect(on_database(owner_url, "postgres"))
    try:
        await connection.execute(f"drop database if exists {_quoted(name)} with (force)")
    finally:
        await connection.close()


def on_database(url: str, name: str) -> str:
    """The same server and role, another database."""
    return urlunsplit(urlsplit(plain_url(url))._replace(path=f"/{name}"))


def plain_url(url: str) -> str:
    """A URL for libpq and asyncpg, whichever of its usual spellings it came in."""
    _, _, rest = url.partition("://")
    return f"postgresql://{rest}"


@contextlib.asynccontextmanager
async def _locked(folder: Path) -> AsyncIterator[None]:
    """One process at a time starts or stops; a killed holder lets go by dying."""
    with (folder / "postgres.lock").open("w") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(0.05)
        yield


def _stopped(folder: Path) -> Path:
    return folder / "postgres.stopped"


async def _running(folder: Path, home: Home) -> Home:
    """Have the server answer SELECT 1, starting it when it is not there. Call under the lock."""
    clock = asyncio.get_running_loop().time
    until = clock() + READY_WITHIN_SECONDS
    starts = 0
    while clock() < until:
        if not await asyncio.to_thread(postgres_program.is_alive, home):
            if starts == 3:
                break
            starts += 1
            home = postgres_home.with_way_in(folder, home)
            await asyncio.to_thread(postgres_program.start, home)
            await _until_written(home)
        if await _answers(home):
            return home
        await asyncio.sleep(0.03)
    raise postgres_program.CannotStart(f"PostgreSQL did not start: {postgres_program.last_words(home)}")


async def _until_written(home: Home) -> None:
    """Give a just started server a moment to write its process number."""
    for _ in range(100):
        if await asyncio.to_thread(postgres_program.is_alive, home):
            return
        await asyncio.sleep(0.02)


async def _answers(home: Home) -> bool:
    try:
        connection = await asyncpg.connect(home.url(SUPERUSER, database="postgres"), timeout=5)
    except NOT_YET:
        return False
    try:
        return bool(await connection.fetchval("select 1") == 1)
    except (*NOT_YET, asyncpg.PostgresError):
        return False
    finally:
        connection.terminate()


async def _make_roles(home: Home) -> None:
    """The role that owns the tables, the role that only uses them, and their database; may be repeated."""
    connection = await asyncpg.connect(home.url(SUPERUSER, database="postgres"))
    try:
        for role, password, may in (
            (APP, home.app_password, "login"),
            (OWNER, home.owner_password, "login createdb"),
        ):
            known = await connection.fetchval("select 1 from pg_roles where rolname = $1", role)
            verb = "alter" if known else "create"
            await connection.execute(f"{verb} role {role} {may} password '{password}'")
        # Membership lets the owner end the application's sessions, which dropping a database needs.
        await connection.execute(f"grant {APP} to {OWNER}")
        if not await connection.fetchval("select 1 from pg_database where datname = $1", DATABASE):
            await connection.execute(f"create database {DATABASE} owner {OWNER}")
    finally:
        await connection.close()
    await let_use(home.url(OWNER), APP)


async def let_use(owner_url: str, role: str) -> None:
    """Let a role use, never own, whatever the owner makes in this database from now on."""
    rights = {"schemas": "usage", "tables": "select, insert, update, delete", "sequences": "usage, select"}
    connection = await asyncpg.connect(owner_url)
    try:
        for kind, verbs in rights.items():
            await connection.execute(f"alter default privileges grant {verbs} on {kind} to {_quoted(role)}")
    finally:
        await connection.close()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
