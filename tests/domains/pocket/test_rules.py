"""When something happened, if the clock of the device is wrong."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from ambidex.domains.pocket import dated
from tests.conftest import NOON

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "device_now", "happened", "ahead"),
    [
        # a right clock is believed
        (NOON - HOUR, NOON, NOON - HOUR, 0),
        (NOON - HOUR, NOON + timedelta(seconds=20), NOON - HOUR, 0),
        # two hours ahead, two hours behind: put right
        (NOON + HOUR, NOON + 2 * HOUR, NOON - HOUR, 7200),
        (NOON - 3 * HOUR, NOON - 2 * HOUR, NOON - HOUR, -7200),
        # never in the future, never longer ago than a device keeps it
        (NOON + HOUR, NOON, NOON, 0),
        (NOON - 100 * 24 * HOUR, NOON, NOON - timedelta(days=14), 0),
    ],
)
def test_dated(said: datetime, device_now: datetime, happened: datetime, ahead: int) -> None:
    found = dated(said, device_now=device_now, now=NOON)
    assert (found.happened_at, found.clock_ahead_seconds, found.said_at) == (happened, ahead, said)
