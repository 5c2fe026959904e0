"""What one process remembers of facts that seldom change: items, places, sources, rules.

Each family of facts has a version in `runtime.versions`, moved by a trigger in the transaction that changes a fact.
Whoever decides reads the versions first, so a change is effective with the next decision, in every process.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any, TypeVar

from sqlalchemy import text

from ambidex.runtime.db import Read

REMEMBERED_MAX = 50_000
_VERSIONS = text("SELECT name, version FROM runtime.versions")

V = TypeVar("V")


async def versions(read: Read) -> dict[str, int]:
    """The versions as of now; a family that never changed has none."""
    return {row.name: row.version for row in await read.all(_VERSIONS)}


async def recall(
    read: Read,
    family: str,
    keys: Collection[str],
    load: Callable[[Read, Collection[str]], Awaitable[Mapping[str, V]]],
    *,
    now: Mapping[str, int],
) -> dict[str, V]:
    """The facts with these keys, as of the versions read just `now`; unknown ones are left out.

    `load` is a plain function, which names what is remembered. What is not remembered is loaded, all in one call, after the version was read: so what is remembered under a
    version is never older than it.
    """
    known = remembered(read, f"{family} {load.__qualname__}", now.get(family, 0))
    missing = [key for key in keys if key not in known]
    if missing:
        found = await load(read, missing)
        known.update({key: found.get(key) for key in missing})
    return {key: known[key] for key in keys if known[key] is not None}


def remembered(read: Read, name: str, version: int) -> dict[str, Any]:
    """What this process keeps of a name while its version is this one; empty when it is another."""
    told, known = read.memory.get(name, (None, {}))
    if told != version or len(known) > REMEMBERED_MAX:
        known = {}
        read.memory[name] = (version, known)
    return known
