"""Several server programs on one port: one that dies is replaced, none outlives the one that holds the socket."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.free_ports import free_port
from tests.rigs.kill_programs import CLI, Program
from tests.servers import TestServer
from tests.waits import until

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("AMBIDEX_TEST_DATABASE_URL")),
    reason="our programs refuse a server that is not durable",
)


@pytest.fixture
async def family(server: TestServer, tmp_path: Path) -> AsyncIterator[tuple[Program, str]]:
    """Two servers on one port, ready."""
    url, port = server.copy(), free_port()
    told = {
        "AMBIDEX_DATA": str(tmp_path),
        "AMBIDEX_DATABASE_URL": url,
        "AMBIDEX_SERVERS": "2",
        "AMBIDEX_PORT": str(port),
        "AMBIDEX_POOL_SIZE": "2",
    }
    program = Program("servers", (*CLI, "serve"), told, tmp_path / "servers.log")
    program.begin()
    yield program, f"http://127.0.0.1:{port}/readyz"
    program.end()
    server.drop(url)


async def _is_ready(address: str) -> bool:
    async with httpx.AsyncClient(timeout=10) as client:
        try:
            return (await client.get(address)).status_code == 200
        except httpx.HTTPError:
            return False


async def test_a_dead_member_is_replaced_and_none_is_left_behind(family: tuple[Program, str]) -> None:
    program, address = family
    await until(lambda: _is_ready(address))
    assert program.running is not None
    head = psutil.Process(program.running.pid)
    await until(lambda: len(head.children()) == 2)
    first = head.children()[0]

    first.kill()

    await until(lambda: len(head.children()) == 2 and first not in head.children())
    await until(lambda: _is_ready(address))
    members = head.children()
    await asyncio.to_thread(program.kill)
    await until(lambda: not any(member.is_running() for member in members))
