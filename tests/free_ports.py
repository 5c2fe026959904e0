"""Ports for programs that must be told theirs before they listen."""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

# Below what Linux gives to whoever calls out: such a port may be taken between the look and the program's own listening.
_FIRST, _COUNT = 10_000, 20_000
# Programs of tests that run side by side begin apart, and nobody gives the same one twice.
_STEPS = itertools.count(os.getpid() * 97)


def free_port() -> int:
    """A port nobody uses now, and no other test will be given."""
    for step in itertools.islice(_STEPS, _COUNT):
        port = _FIRST + step % _COUNT
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("every port is taken")


@contextmanager
def closed_port() -> Iterator[int]:
    """A port that nobody listens on, and nobody can meanwhile."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])
