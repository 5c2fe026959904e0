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
RETURNING order_id, seq, xmax = 0 AS is_new""")
_WRITE = """
WITH a AS MATERIALIZED (
  SELECT * FROM unnest(CAST(:words AS text[]), CAST(:seen AS integer[])) AS a(word, seen) ORDER BY word
), counted AS (
  UPDATE search.words w SET seen = w.seen + a.seen FROM a WHERE w.word = a.word AND w.seen < :seen_max
), met AS (
  INSERT INTO search.words (word, reversed, seen)
  SELECT word, reverse(word), seen FROM a WHERE NOT EXISTS (SELECT FROM search.words w WHERE w.word = a.word) ON CONFLICT DO NOTHING
), coded AS (
  INSERT INTO search.codes (code, seq)
  SELECT * FROM unnest(CAST(:codes AS text[]), CAST(:code_seqs AS bigint[])) AS c(code, seq) ORDER BY code, seq{again}
)
INSERT INTO search.terms (hash, seq)
SELECT * FROM unnest(CAST(:hashes AS bigint[]), CAST(:seqs AS bigint[])) AS t(hash, seq) ORDER BY hash, seq{again}"""
# a number that was given just now stands nowhere yet, and looking for it costs a quarter of the writing
_WRITE_NEW, _WRITE_AGAIN = (text(_WRITE.format(again=again)) for again in ("", "\n  ON CONFLICT DO NOTHING"))


async def write(tx: Tx, documents: Sequence[Document]) -> None:
    """Index these orders; what they were found by before stays."""
    if not documents:
        return
    rows = await tx.all(_DOCUMENTS, {"orders": [one.order_id for one in documents], "now": tx.now})
    numbers = {OrderId(row.order_id): int(row.seq) for row in rows}
    write = _WRITE_NEW if all(row.is_new for row in rows) else _WRITE_AGAIN
    await tx.run(write, {**arrays(documents, numbers), "seen_max": SEEN_MAX})


def arrays(documents: Sequence[Document], numbers: Mapping[OrderId, int]) -> dict[str, list[Any]]:
    """Everything these orders are found by, as columns."""
    seen: Counter[str] = Counter()
    hashes: list[int] = []
    seqs: list[int] = []
    codes: list[str] = []
    code_seqs: list[int] = []
    for one in documents:
        number, words, named = numbers[one.order_id], rules.words_of(one), rules.codes_of(one)
        seen.update(words)
        found = set(map(rules.hash_of, words))
        hashes += found
        seqs += [number] * len(found)
        codes += named
        code_seqs += [number] * len(named)
    return {
        "words": list(seen),
        "seen": list(seen.values()),
        "codes": codes,
        "code_seqs": code_seqs,
        "hashes": hashes,
        "seqs": seqs,
    }
