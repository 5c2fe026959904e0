"""Passwords and PINs: argon2id, hashed and checked in threads, a few at a time, so that nobody else waits.

The default costs follow RFC 9106, second recommended option, on one lane; tests pass smaller ones.
"""

from __future__ import annotations

import asyncio
from typing import Any

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Passwords:
    """Hashes and checks passwords. `memory_kib` and `rounds` are what one check costs."""

    def __init__(self, *, memory_kib: int = 65536, rounds: int = 3) -> None:
        self._hasher = PasswordHasher(
            time_cost=rounds, memory_cost=memory_kib, parallelism=1, hash_len=32, type=Type.ID
        )
        self._places = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The form that may be stored."""
        async with self._places:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether this is the password. Without a stored one the same time passes, and the answer is no."""
        if not stored:
            self._nobody = self._nobody or await self.hash("nobody has this password")
        async with self._places:
            return await asyncio.to_thread(self._verify, stored or self._nobody, password) and bool(stored)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


def passwords_of(shared: dict[str, Any]) -> Passwords:
    """The one of this process, made when it is first needed; a test puts a cheaper one there."""
    found = shared.setdefault("passwords", None) or Passwords()
    shared["passwords"] = found
    return found
