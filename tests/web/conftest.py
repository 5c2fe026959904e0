"""One browser for all page tests; a clean context per page."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.waits import PATIENCE
from tests.web.browsing import CHROMIUM, FLAGS

# One patience for every expectation: a busy machine of two cores is slow, not wrong.
expect.set_options(timeout=PATIENCE * 1_000)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs chromium: apt-get install chromium")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()
