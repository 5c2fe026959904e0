"""Writing the index, many orders at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from ambidex.domains.search import rules
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx

_DOCUMENTS = text("""
INSERT INTO search.documents (order_id, indexed_at)
SELECT order_id, :now FROM unnest(CAST(:orders AS uuid[])) AS a(order_id) ORDER BY order_id
ON CONFLICT (order_id) DO UPDATE SET indexed_at = excluded.indexed_at
RETURNING order_id, seq""")
_TERMS = text("""
INSERT INTO search.terms (hash, seq)
SELECT * FROM unnest(CAST(:hashes AS bigint[]), CAST(:seqs AS bigint[])) AS a(hash, seq) ORDER BY hash, seq
ON CONFLICT DO NOTHING""")
_WORDS = text("""
INSERT INTO search.words AS w (word, reversed, seen)
SELECT * FROM unnest(CAST(:words AS text[]), CAST(:reversed AS text[]), CAST(:seen AS integer[])) AS a(word, reversed, seen)
 ORDER BY word
ON CONFLICT (word) DO UPDATE SET seen = w.seen + excluded.seen""")


async def write(tx: Tx, found_by: Mapping[OrderId, frozenset[str]]) -> None:
    """Index these orders under these words; words they were found by before stay."""
    if not found_by:
        return
    rows = await tx.all(_DOCUMENTS, {"orders": list(found_by), "now": tx.now})
    terms = [(rules.hash_of(word), row.seq) for row in rows for word in found_by[row.order_id]]
    seen = Counter(word for words in found_by.values() for word in words)
    arrays: dict[str, Any] = {"hashes": [h for h, _ in terms], "seqs": [seq for _, seq in terms]}
    await tx.run(_TERMS, arrays)
    words = sorted(seen)
    values = {"words": words, "reversed": [w[::-1] for w in words], "seen": [seen[w] for w in words]}
    await tx.run(_WORDS, values)
