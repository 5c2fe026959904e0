"""Looking words up, and the orders that have one word of every group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from ambidex.domains.search import rules
from ambidex.domains.search.model import Word
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

WALKED_MAX = 20_000
TAIL_LENGTH_MIN = 3
LAST = "\U0010ffff"

_FITTING = text("""
SELECT a.token, w.word, w.seen
  FROM unnest(CAST(:tokens AS text[]), CAST(:ends AS text[]), CAST(:tails AS text[]), CAST(:tail_ends AS text[]))
    AS a(token, token_end, tail, tail_end)
 CROSS JOIN LATERAL (
   (SELECT word, seen FROM search.words WHERE word = a.token COLLATE "C")
   UNION
   (SELECT word, seen FROM search.words WHERE word >= a.token COLLATE "C" AND word < a.token_end COLLATE "C"
     ORDER BY word LIMIT 60)
   UNION
   (SELECT word, seen FROM search.words WHERE reversed >= a.tail COLLATE "C" AND reversed < a.tail_end COLLATE "C"
     ORDER BY reversed LIMIT 60)
 ) w""")
_NEAR = text("""
SELECT a.token, w.word, w.seen FROM unnest(CAST(:tokens AS text[])) AS a(token)
 CROSS JOIN LATERAL (
   SELECT word, seen FROM search.words WHERE word % a.token OR word LIKE '%' || a.token || '%'
    ORDER BY similarity(word, a.token) DESC LIMIT 300
 ) w
UNION
SELECT e.token, w.word, w.seen FROM unnest(CAST(:of AS text[]), CAST(:edits AS text[])) AS e(token, word)
  JOIN search.words w ON w.word = e.word COLLATE "C\"""")


async def fitting(read: Read, tokens: Sequence[str]) -> dict[str, list[Word]]:
    """Words of the dictionary that each token means: the same, beginnings, tails; else parts and typos.

    One statement, and one more when a token fits nothing as it is written.
    """
    values = {
        "tokens": list(tokens),
        "ends": [token + LAST for token in tokens],
        "tails": [_tail(token) for token in tokens],
        "tail_ends": [_tail(token) + LAST for token in tokens],
    }
    found: dict[str, list[Word]] = {token: [] for token in tokens}
    for row in await read.all(_FITTING, values):
        found[row.token].append(Word(row.word, row.seen))
    unknown = [token for token, words in found.items() if not words]
    return {**found, **await _near(read, unknown)} if unknown else found


def _tail(token: str) -> str:
    """What the reversed word begins with; for short tokens nothing does."""
    return token[::-1] if len(token) >= TAIL_LENGTH_MIN else LAST


async def _near(read: Read, tokens: Sequence[str]) -> dict[str, list[Word]]:
    edits = {token: rules.one_edit_away(token) for token in tokens if rules.typos_allowed(token)}
    values = {
        "tokens": list(tokens),
        "of": [token for token, words in edits.items() for _ in words],
        "edits": [word for words in edits.values() for word in words],
    }
    candidates: dict[str, list[Word]] = {token: [] for token in tokens}
    for row in await read.all(_NEAR, values):
        candidates[row.token].append(Word(row.word, row.seen))
    return {token: rules.meant(token, words) for token, words in candidates.items()}


async def orders_with(read: Read, groups: Sequence[Sequence[Word]], *, limit: int) -> list[OrderId]:
    """Orders that have a word of every group, newest first. The rarest group is walked, the others are probed."""
    hashes = rules.rarest_first(groups)
    probes = "".join(
        f" AND EXISTS (SELECT 1 FROM search.terms t WHERE t.hash = ANY(CAST(:h{n} AS bigint[])) AND t.seq = w.seq)"  # noqa: S608  # a number
        for n in range(1, len(hashes))
    )
    statement = text(f"""
SELECT d.order_id FROM (
  SELECT DISTINCT t.seq FROM unnest(CAST(:h0 AS bigint[])) AS a(hash)
   CROSS JOIN LATERAL (SELECT seq FROM search.terms WHERE hash = a.hash ORDER BY seq DESC LIMIT :walked) t
   ORDER BY t.seq DESC LIMIT :walked
) w JOIN search.documents d USING (seq)
 WHERE true{probes} ORDER BY w.seq DESC LIMIT :limit""")  # noqa: S608  # numbered parameters only
    values: Mapping[str, object] = {f"h{n}": group for n, group in enumerate(hashes)}
    rows = await read.all(statement, {**values, "walked": WALKED_MAX, "limit": limit})
    return [OrderId(row.order_id) for row in rows]
