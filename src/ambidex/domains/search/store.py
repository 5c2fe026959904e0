"""Writing the index, many orders at once: one statement numbers them, one writes all they are found by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from ambidex.domains.search import rules
from ambidex.domains.search.model import Document
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Tx

# counting tells rare words from common ones; beyond this a word is common, and its row is left in peace
SEEN_MAX = 10_000
_DOCUMENTS = text("""
INSERT INTO search.documents (order_id, indexed_at)
SELECT order_id, :now FROM unnest(CAST(:orders AS uuid[])) AS a(order_id) ORDER BY order_id
ON CONFLICT (order_id) DO UPDATE SET indexed_at = excluded.indexed_at
RETURNING order_id, seq""")
_WRITE = text("""
WITH a AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:words AS text[]), CAST(:seen AS integer[])) AS a(word, seen) ORDER BY word
), counted AS (
  UPDATE search.words w SET seen = w.seen + a.seen FROM a WHERE w.word = a.word AND w.seen < :seen_max
), met AS (
  INSERT INTO search.words (word, reversed, seen)
  SELECT word, reverse(word), seen FROM a WHERE NOT EXISTS (SELECT FROM search.words w WHERE w.word = a.word) ON CONFLICT DO NOTHING
), coded AS (
  INSERT INTO search.codes (code, seq)
  SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:code_seqs AS bigint[])) AS c(code, seq) ORDER BY code, seq
  ON CONFLICT DO NOTHING
)
INSERT INTO search.terms (hash, seq)
SELECT * FROM unnest(CAST(:hashes AS bigint[]), CAST(:seqs AS bigint[])) AS t(hash, seq) ORDER BY hash, seq
ON CONFLICT DO NOTHING""")


async def write(tx: Tx, documents: Sequence[Document]) -> None:
    """Index these orders; what they were found by before stays."""
    if not documents:
        return
    rows = await tx.all(_DOCUMENTS, {"orders": [one.order_id for one in documents], "now": tx.now})
    numbers = {OrderId(row.order_id): int(row.seq) for row in rows}
    await tx.run(_WRITE, {**arrays(documents, numbers), "seen_max": SEEN_MAX})


def arrays(documents: Sequence[Document], numbers: Mapping[OrderId, int]) -> dict[str, list[Any]]:
    """Everything these orders are found by, as columns."""
    seen: Counter[str] = Counter()
    terms: list[tuple[int, int]] = []
    codes: list[tuple[str, int]] = []
    for one in documents:
        number, words = numbers[one.order_id], rules.words_of(one)
        seen.update(words)
        terms += [(rules.hash_of(word), number) for word in words]
        codes += [(code, number) for code in rules.codes_of(one)]
    return {
        "words": list(seen),
        "seen": list(seen.values()),
        "codes": [code for code, _ in codes],
        "code_seqs": [number for _, number in codes],
        "hashes": [hash_ for hash_, _ in terms],
        "seqs": [number for _, number in terms],
    }
