"""Kill, short form: four deaths under load, nothing lost and nothing doubled; each control is caught."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ambidex.domains.messages import Attempt, Carrier, Letter, Outcome
from ambidex.flows.place_order import place_order
from ambidex.flows.tell_customer import Telling
from ambidex.integrations.mail.mailbox import MailFolder
from ambidex.kernel.actor import SYSTEM
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.rigs.kill import AFTER_AN_ANSWER, AT_RANDOM, Kill, rig
from tests.rigs.kill_close import Guessing, copies
from tests.shop import Shop
from tests.story import KEY, new_order

own_server = pytest.mark.skipif(
    bool(os.environ.get("AMBIDEX_TEST_DATABASE_URL")), reason="a server that is given is not ours to kill"
)


@own_server
async def test_nothing_that_was_answered_is_lost_and_nothing_is_doubled() -> None:
    kills = [
        Kill("server", "after-commit"),
        Kill("worker", "message-after-carry"),
        Kill("postgres", AT_RANDOM),
        Kill("worker", "publisher-before-commit"),
    ]
    verdict = await rig(kills, seed=3)
    assert verdict.closing is not None
    assert verdict.ok, verdict.json()
    assert verdict.kills == 4
    assert verdict.closing.mails > 10


@own_server
async def test_control_who_answers_before_committing_loses() -> None:
    verdict = await rig([Kill("postgres", AFTER_AN_ANSWER)], seed=4, early=True)
    assert verdict.closing is not None
    assert verdict.closing.lost > 0


class Dies(Exception):
    """The sender ends here."""


class Mortal:
    """A carrier whose program dies right after the letter was taken."""

    def __init__(self, folder: MailFolder) -> None:
        self.folder = folder
        self.lives = 1

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        self.folder.keep(f"Message-ID: <{key}@shop.example>\r\n\r\n{letter.plain}".encode())
        if self.lives:
            self.lives -= 1
            raise Dies
        return Attempt(Outcome.TAKEN, "250 kept")

    async def arrived(self, key: str) -> bool | None:
        return self.folder.has(key)


async def _send_all(run: Run, clock: Clock, carrier: Carrier) -> None:
    telling = Telling(run=run, carrier=carrier, base_url="http://shop", brand="Shop", key=KEY)
    await telling.send_due()
    for _ in range(5):
        clock.forward(minutes=5)
        await telling.settle_lost()
        await telling.send_due()


@pytest.mark.parametrize("guesses", [False, True])
async def test_control_who_guesses_after_a_crash_writes_twice(
    own_shop: Shop, clock: Clock, tmp_path: Path, *, guesses: bool
) -> None:
    await own_shop.shelf("camden", "MUG-01", 5)
    await own_shop.run.perform(SYSTEM, place_order, new_order())
    carrier = Mortal(MailFolder(tmp_path))
    await _send_all(own_shop.run, clock, Guessing(carrier) if guesses else carrier)
    assert copies(tmp_path) == (2 if guesses else 1, 1 if guesses else 0)


@own_server
async def test_subscribers_of_feeds_end_with_the_truth() -> None:
    kills = [Kill("worker", point) for point in ("feed-after-send", "stock-published", "feed-before-send")]
    verdict = await rig(kills, seed=5)
    assert verdict.ok, verdict.json()
    assert verdict.closing is not None
    assert verdict.closing.told.feed_messages > 10


@own_server
async def test_control_a_cursor_moved_before_delivery_leaves_an_old_number() -> None:
    verdict = await rig([Kill("worker", AT_RANDOM)], seed=6, moves_early=True)
    assert verdict.closing is not None
    assert verdict.closing.told.feed_wrong > 0
