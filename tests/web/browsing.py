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
from playwright.async_api import BrowserContext, Page
from starlette.types import ASGIApp

from tests.waits import PATIENCE

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
# A wedge scanner types faster than any hand; on a busy machine only the page itself is fast enough to play one. It
# types into a page that stands: until the load event the page's own modules do not listen, and nobody scans into it.
WEDGE = """async (keys) => {
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done, { once: true }));
  const field = document.activeElement ?? document.body;
  const typed = keys.map((key) => new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  typed.forEach((each, at) => Object.defineProperty(each, "timeStamp", { value: typed[0].timeStamp + at * 5 }));
  for (const each of typed) if (field.dispatchEvent(each) && each.key.length === 1 && field.matches("input")) field.value += each.key;
}"""
# Nor does anybody click before a page stands or while a part of it is being put in place: the click waits for that.
PATIENT_HAND = """(() => {
  const stands = () => document.readyState === "complete" && !document.querySelector(".htmx-swapping, .htmx-settling");
  const again = (target) => {
    if (!stands()) return setTimeout(again, 20, target);
    target.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, view: window }));
  };
  addEventListener("click", (event) => {
    if (!event.isTrusted || stands()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    again(event.target);
  }, true);
})()"""


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


async def patient(context: BrowserContext) -> BrowserContext:
    """Pages in which a click waits until it can be heard, as long as an expectation does."""
    context.set_default_timeout(PATIENCE * 1_000)
    await context.add_init_script(PATIENT_HAND)
    return context


async def scan(page: Page, code: str) -> None:
    """What a wedge scanner does: all keys at once, then Enter. Expect something of the page that shall hear it before."""
    await page.evaluate(WEDGE, [*code, "Enter"])


async def violations(page: Page, rules: Sequence[str] = ()) -> list[str]:
    """What axe-core finds wrong, one line each with its first place; by all rules unless some are named."""
    await page.wait_for_load_state()
    await page.evaluate(AXE.read_text() + ";0")
    found = await page.evaluate(
        "async (only) => (await axe.run(document, {runOnly: only})).violations"
        ".map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 160)}`)",
        {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": TAGS},
    )
    return [str(one) for one in json.loads(json.dumps(found))]


async def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    await page.wait_for_load_state()
    return int(
        await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    )
