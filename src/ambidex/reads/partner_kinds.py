"""Kinds of partners' systems of which there are several: what one of them says by its kind is not about another's place."""

from __future__ import annotations

from sqlalchemy import text

from ambidex.runtime.db import Read

_SHARED = text("""
SELECT kind FROM channels.sources WHERE kind = 'third_party' GROUP BY kind HAVING count(*) > 1""")


async def shared_kinds(read: Read) -> frozenset[str]:
    """The kinds whose sources must be named place by place."""
    return frozenset(row.kind for row in await read.all(_SHARED))
