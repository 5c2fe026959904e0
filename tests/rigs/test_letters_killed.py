"""A sender of letters dies: only what it had begun to give to the mail server is asked about, all else leaves, and nothing twice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from ambidex.flows.place_order import place_order
from ambidex.flows.tell_customer import ON_THE_WAY
from ambidex.integrations.mail.mailbox import Mailbox
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.db import Database
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.free_ports import free_port
from tests.rigs.kill_close import copies
from tests.rigs.lone_sender import sender
from tests.shop import Shop
from tests.story import new_order

LETTERS = 2 * ON_THE_WAY + 4


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path / "mail", port=free_port())
    box.start()
    yield box
    box.stop()


@pytest.mark.parametrize(
    ("dies_at", "begun"),
    [
        # taken, and nothing begun; the mark of the first group is not committed
        ("message-leased", range(1)),
        ("before-commit:2", range(1)),
        # it is, and nothing was said to the mail server yet; inside the first group, and inside a later one
        ("after-commit:2", range(ON_THE_WAY, ON_THE_WAY + 1)),
        ("message-before-carry:5", range(ON_THE_WAY, ON_THE_WAY + 1)),
        (f"message-before-carry:{ON_THE_WAY + 5}", range(1, ON_THE_WAY + 1)),
        # the mail server has said yes, and that is not written down yet; it is, and others are begun with that
        ("message-after-carry:1", range(ON_THE_WAY, ON_THE_WAY + 1)),
        ("before-commit:3", range(ON_THE_WAY, ON_THE_WAY + 1)),
        ("after-commit:3", range(1, ON_THE_WAY + 1)),
    ],
)
async def test_what_was_never_begun_leaves_by_the_next_one_and_nobody_is_asked(
    own_database: Database, mailbox: Mailbox, tmp_path: Path, *, dies_at: str, begun: range
) -> None:
    clock = Clock(datetime.now(UTC))
    run = Run(own_database, clock)
    await Shop(run).shelf("camden", "MUG-01", LETTERS)
    for number in range(LETTERS):
        await run.perform(SYSTEM, place_order, new_order(reference=f"W-{number}"))
    await _dies(own_database, mailbox, dies_at)
    left, arrived = await _states(run), copies(tmp_path / "mail")[0]
    assert left["begun"] in begun
    assert left["sent"] <= arrived <= left["sent"] + left["begun"]

    for _ in range(3):
        clock.forward(seconds=30)
        await sender(run, mailbox.port).settle_lost()
        await sender(run, mailbox.port).send_due()
    assert await _states(run) == Counter(sent=LETTERS - left["begun"], unknown=left["begun"])
    assert await _tasks(run) == left["begun"]
    assert copies(tmp_path / "mail") == (arrived + left["not begun"], 0)


async def _dies(database: Database, mailbox: Mailbox, at: str) -> None:
    url = database.engine.url.render_as_string(hide_password=False)
    words = ("-m", "tests.rigs.lone_sender", url, str(mailbox.port))
    program = await asyncio.create_subprocess_exec(
        sys.executable, *words, env={**os.environ, "AMBIDEX_CRASH_AT": at}
    )
    assert await asyncio.wait_for(program.wait(), 60) == -signal.SIGKILL, "it never came to that point"


async def _states(run: Run) -> Counter[str]:
    async with run.reading() as read:
        rows = await read.all(
            text(
                "SELECT CASE WHEN state <> 'sending' THEN state WHEN begun THEN 'begun' ELSE 'not begun' END AS state, "
                "count(*) AS n FROM messages.messages GROUP BY 1"
            )
        )
    return Counter({row.state: row.n for row in rows})


async def _tasks(run: Run) -> int:
    async with run.reading() as read:
        return int(await read.value(text("SELECT count(*) FROM tasks.tasks")) or 0)
