"""Which lines of which file were imported: noted in the transaction of their effect, so that a file goes on after a crash."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, text

from ambidex.runtime.db import Read, Tx
from ambidex.runtime.tables import imported_lines

_NOTE = text("""
INSERT INTO runtime.imported_lines (file_hash, line_no, imported_at)
SELECT :file, line, :now FROM unnest(CAST(:lines AS int[])) AS line ON CONFLICT DO NOTHING
""")


async def imported(read: Read, file_hash: bytes) -> set[int]:
    """The lines of this file whose effect is stored."""
    c = imported_lines.c
    rows = await read.all(select(c.line_no).where(c.file_hash == file_hash))
    return {row.line_no for row in rows}


async def note(tx: Tx, file_hash: bytes, lines: Sequence[int]) -> None:
    """The effect of these lines is part of this transaction."""
    await tx.run(_NOTE, {"file": file_hash, "lines": list(lines), "now": tx.now})
