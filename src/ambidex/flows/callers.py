"""Who is calling: a token or a session becomes the Actor that commands and reads ask.

A token's actor is remembered for a moment, so that a busy integration does not cost a read per call; a revoked token
therefore works that much longer (AMBIDEX_TOKEN_SECONDS, none in tests).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable

from ambidex.domains import identity
from ambidex.kernel.actor import Actor
from ambidex.runtime.perform import Run

REMEMBERED_MAX = 10_000


class Callers:
    """One per process."""

    def __init__(self, run: Run, *, remember_seconds: float) -> None:
        self._run = run
        self._remember_seconds = remember_seconds
        self._known: dict[bytes, tuple[float, Actor]] = {}

    async def by_token(self, token: str) -> Actor | None:
        """The actor of a token that is valid now."""
        digest = hashlib.sha256(token.encode()).digest()
        clock = asyncio.get_running_loop().time
        until, actor = self._known.get(digest, (0.0, None))
        if actor is not None and clock() < until:
            return actor
        async with self._run.reading() as read:
            actor = await identity.actor_for_token(read, token)
        self._remember(digest, actor, clock)
        return actor

    async def by_session(self, cookie: str) -> identity.SignedIn | None:
        """Who is signed in with this cookie; a shared device in use stays unlocked by being used."""
        async with self._run.reading() as read:
            signed_in = await identity.actor_for_session(read, cookie)
        if signed_in is not None and signed_in.wants_touch(read.now):
            await self._run.perform(signed_in.actor, identity.touch, signed_in)
        return signed_in

    def _remember(self, digest: bytes, actor: Actor | None, clock: Callable[[], float]) -> None:
        self._known.pop(digest, None)
        if actor is None or not self._remember_seconds:
            return
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[digest] = (clock() + self._remember_seconds, actor)
