"""Who is calling: a token or a session becomes the Actor that commands and reads ask.

A token's actor is remembered for a moment, so that a busy integration does not cost a read per call; a revoked token
therefore works that much longer (AMBIDEX_TOKEN_SECONDS, none in tests).
"""

from __future__ import annotations

import asyncio
import hashlib

from ambidex.domains import identity
from ambidex.kernel.actor import Actor
from ambidex.runtime.access import NotSignedIn
from ambidex.runtime.perform import Run

SESSION_COOKIE = "ambidex_session"
REMEMBERED_MAX = 10_000


class Callers:
    """One per process."""

    def __init__(self, run: Run, *, remember_seconds: float) -> None:
        self._run = run
        self._remember_seconds = remember_seconds
        self._known: dict[bytes, tuple[float, Actor]] = {}
        self._asking: dict[bytes, asyncio.Task[Actor]] = {}

    async def by_token(self, token: str) -> Actor:
        """The actor of a token that is valid now. Raises NotSignedIn."""
        digest = hashlib.sha256(token.encode()).digest()
        until, known = self._known.get(digest, (0.0, None))
        if known is not None and asyncio.get_running_loop().time() < until:
            return known
        if not self._remember_seconds:
            return await self._look_up(token)
        # A crowd that comes with one token asks once, or it would fill every connection with the same question.
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._ask(digest, token), name="caller")
        return await asyncio.shield(asking)

    async def by_session(self, cookie: str) -> identity.SignedIn:
        """Who is signed in with this cookie, also on a locked device; one in use stays unlocked by being used.

        Raises NotSignedIn.
        """
        async with self._run.reading() as read:
            signed_in = await identity.actor_for_session(read, cookie) if cookie else None
        if signed_in is None:
            raise NotSignedIn
        if signed_in.wants_touch(read.now):
            await self._run.perform(signed_in.actor, identity.touch, signed_in)
        return signed_in

    async def _ask(self, digest: bytes, token: str) -> Actor:
        try:
            actor = await self._look_up(token)
            self._remember(digest, asyncio.get_running_loop().time() + self._remember_seconds, actor)
            return actor
        finally:
            del self._asking[digest]

    async def _look_up(self, token: str) -> Actor:
        async with self._run.reading() as read:
            actor = await identity.actor_for_token(read, token)
        if actor is None:
            raise NotSignedIn("the token is unknown, expired or revoked")
        return actor

    def _remember(self, digest: bytes, until: float, actor: Actor) -> None:
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        self._known[digest] = (until, actor)
