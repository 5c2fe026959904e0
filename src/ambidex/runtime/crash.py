"""Named crash points: the kill rig sets AMBIDEX_CRASH_AT to a name, and the process dies there as if by `kill -9`.

Without the variable a point costs one comparison. `AMBIDEX_CRASH_AT=name:3` dies at the third passage.
"""

from __future__ import annotations

import os
import signal

_at, _, _count = os.environ.get("AMBIDEX_CRASH_AT", "").partition(":")
_passages_left = int(_count or "1")


def point(name: str) -> None:
    """Die here when the rig asked for it."""
    global _passages_left  # noqa: PLW0603  # one process, one death
    if name != _at:
        return
    _passages_left -= 1
    if _passages_left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
