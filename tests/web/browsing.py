"""A server in a thread and Debian's Chromium, so that pages are tested as people use them."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from playwright.async_api import Page
from starlette.types import ASGIApp

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).with_name("axe.min.js")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 20


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve the app on a free port of loopback; gives its address."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    until = time.monotonic() + PATIENCE
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


async def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong, one line each with its first place; by all rules unless some are named."""
    await page.evaluate(AXE.read_text() + ";0")
    found = await page.evaluate(
        "async (only) => (await axe.run(document, {runOnly: only})).violations"
        ".map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 160)}`)",
        {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS},
    )
    return [str(one) for one in json.loads(json.dumps(found))]


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
