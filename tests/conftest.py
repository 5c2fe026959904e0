"""Fixtures: one PostgreSQL per run, one pristine template built once, a rolled-back transaction per test.

`run` performs on the rolled-back connection; `own_database` is a private copy with real commits, for races and rigs.
"""

from __future__ import annotations

import asyncio
import gc
import io
import os
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ambidex.kernel import ids
from ambidex.runtime.db import Database, PinnedDatabase
from ambidex.runtime.perform import Run
from tests.servers import TestServer, running_server
from tests.shop import Shop

# A traceback in colors with every variable costs seconds; some tests fail on purpose.
_PLAIN = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
structlog.configure(processors=[*structlog.get_config()["processors"][:-1], _PLAIN])

# Whether examples are drawn quickly, or happen to be long, says something of the machine and of chance, not of the code.
_BY_CHANCE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


def pytest_configure(config: pytest.Config) -> None:
    """Examples are the same on every machine at every run; `--hypothesis-seed=N` looks at others."""
    settings.register_profile(
        "the same for everybody",
        deadline=None,
        database=None,
        derandomize=config.getoption("--hypothesis-seed") is None,
        suppress_health_check=(*_BY_CHANCE, HealthCheck.function_scoped_fixture),
    )
    settings.load_profile("the same for everybody")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A failure is told when it happens: whoever ends a run that hangs has seen what failed before."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.when} failed: {report.nodeid}", flush=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that hung says what its tasks waited for; the stack of the loop alone says nothing."""
    report = yield
    if report.failed and "pytest-timeout" in str(report.longrepr):
        report.sections.append(("Waiting tasks", _waiting_tasks()))
    return report


def _waiting_tasks() -> str:
    written = io.StringIO()
    for task in gc.get_objects():
        if isinstance(task, asyncio.Task) and not task.done():
            task.print_stack(file=written)
    return written.getvalue()


NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)  # a Tuesday


@dataclass
class Clock:
    """A clock that stands still until the test moves it."""

    now: datetime = NOON
    moves: list[timedelta] = field(default_factory=list)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **length: float) -> datetime:
        """Move on: minutes=10, hours=2."""
        self.now += timedelta(**length)
        return self.now


@pytest.fixture(autouse=True)
def _ids(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever is decided by the order or the hash of ids is decided alike at every run of a test."""
    ids.draw_from(random.Random(request.node.nodeid).randbytes)
    yield
    ids.draw_from(os.urandom)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestServer]:
    """AMBIDEX_TEST_DATABASE_URL names a running server (owner rights); else the embedded one is started."""
    given = os.environ.get("AMBIDEX_TEST_DATABASE_URL")
    folder = Path(os.environ.get("AMBIDEX_TEST_DATA") or tmp_path_factory.mktemp("server"))
    with running_server(given, folder) as running:
        yield running


@pytest.fixture(scope="session")
async def pinned_connection(server: TestServer) -> AsyncIterator[AsyncConnection]:
    """The one connection of the fast tests. Its transactions last as long as a test, however long that thinks in between."""
    database = Database(server.copy("fast"), pool_size=1)
    async with database.engine.connect() as connection:
        await connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
        await connection.commit()
        yield connection
    await database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def database(pinned_connection: AsyncConnection) -> AsyncIterator[Database]:
    """A database whose every commit is undone after the test."""
    transaction = await pinned_connection.begin()
    await pinned_connection.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    yield PinnedDatabase(pinned_connection)
    await transaction.rollback()


@pytest.fixture
def run(database: Database, clock: Clock) -> Run:
    """Performs commands on the rolled-back connection, at noon."""
    return Run(database, clock)


@pytest.fixture
async def own_database(server: TestServer) -> AsyncIterator[Database]:
    """A private copy with real commits."""
    url = server.copy()
    database = Database(url, pool_size=20)
    yield database
    await database.close()
    server.drop(url)


@pytest.fixture
def own_run(own_database: Database, clock: Clock) -> Run:
    """Performs on the private copy, with real commits."""
    return Run(own_database, clock)


Perform = Callable[..., Awaitable[object]]


@pytest.fixture
def shop(run: Run) -> Shop:
    """A retailer on the rolled-back connection."""
    return Shop(run)


@pytest.fixture
def own_shop(own_run: Run) -> Shop:
    """A retailer on a private copy, with real commits."""
    return Shop(own_run)
