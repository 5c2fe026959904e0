"""The demo as a newcomer meets it: it says where it is, pages answer, an order is worked on, and it leaves nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

FIRST_PAGE_SECONDS = 240


@contextmanager
def _demo(folder: Path) -> Iterator[tuple[str, str, psutil.Process]]:
    """The address and the token that the demo prints, and its program."""
    command = [sys.executable, "-m", "ambidex.entry.cli", "demo", "--port", "0", "--data", str(folder)]
    said = folder.with_suffix(".out")
    with said.open("wb") as out:
        program = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        text = _welcome(said, program)
        address = re.search(r"http://127\.0\.0\.1:\d+", text)
        token = re.search(r"AMBIDEX_TOKEN=(\S+)", text)
        assert address is not None
        assert token is not None
        yield address[0], token[1], psutil.Process(program.pid)
    finally:
        program.send_signal(signal.SIGINT)
        program.wait(timeout=120)


def _welcome(said: Path, program: subprocess.Popen[bytes]) -> str:
    until = time.monotonic() + FIRST_PAGE_SECONDS
    while "Ctrl-C" not in (text := said.read_text()):
        assert program.poll() is None, text
        assert time.monotonic() < until, text
        time.sleep(0.2)
    return text


async def test_a_newcomer_sees_the_system_breathe_and_nothing_stays_behind(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    with _demo(folder) as (address, token, program):
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            assert (await client.get("/sign-in")).status_code == 200
            assert await _work_begins(client, token)
        children = [one.pid for one in program.children(recursive=True)]
        assert children
    assert not [pid for pid in children if psutil.pid_exists(pid)]
    assert not [one for one in psutil.process_iter() if _lives_in(one, folder)]


async def _work_begins(client: httpx.AsyncClient, token: str) -> bool:
    """Whether orders of the live day become work of a place within two minutes, on the slowest machine."""
    for _ in range(240):
        asked = {"headers": {"Authorization": f"Bearer {token}"}, "params": {"limit": "200"}}
        answer = await client.get("/api/v1/fulfillment-orders", **asked)
        if answer.raise_for_status().json()["items"]:
            return True
        await asyncio.sleep(0.5)
    return False


def _lives_in(one: psutil.Process, folder: Path) -> bool:
    try:
        return one.cwd().startswith(os.fspath(folder))
    except psutil.Error:
        return False
