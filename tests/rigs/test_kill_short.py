"""Kill, short form: four deaths under load, nothing lost and nothing doubled; each control is caught."""

from __future__ import annotations

import os

import pytest

from tests.rigs.kill import AT_RANDOM, Kill, rig

pytestmark = pytest.mark.skipif(
    bool(os.environ.get("AMBIDEX_TEST_DATABASE_URL")), reason="a server that is given is not ours to kill"
)


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


async def test_control_who_answers_before_committing_loses() -> None:
    verdict = await rig([Kill("postgres", AT_RANDOM)], seed=4, early=True)
    assert verdict.closing is not None
    assert verdict.closing.lost > 0


async def test_control_who_guesses_after_a_crash_writes_twice() -> None:
    verdict = await rig([Kill("worker", "message-after-carry")], seed=5, guesses=True)
    assert verdict.closing is not None
    assert verdict.closing.mails_doubled > 0
