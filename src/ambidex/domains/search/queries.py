"""Looking codes and words up, and the orders that have one of every group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import text

from ambidex.domains.search import rules
from ambidex.domains.search.model import FAR, PART, SAME, SLIP, Group, Meaning, Word
from ambidex.kernel.ids import OrderId
from ambidex.runtime.db import Read

WALKED_MAX = 20_000
WALKED_MIN = 400
WALKED_EACH_MIN = 200
PROBES_MAX = 24_000
TAIL_LENGTH_MIN = 3
LAST = "\U0010ffff"

# Beginnings and tails of words: the most common of the first 300 in order. Of codes: any, because they hardly repeat.
_FITTING = text("""
WITH a AS (
  SELECT * FROM unnest(CAST(:tokens AS text[]), CAST(:ends AS text[]), CAST(:tails AS text[]), CAST(:tail_ends AS text[]),
    CAST(:starts AS text[]), CAST(:coded AS boolean[]))
    WITH ORDINALITY AS a(token, token_end, tail, tail_end, start, coded, n)
)
SELECT a.n, w.word, w.seen, w.off, NULL AS numbers FROM a CROSS JOIN LATERAL (
   (SELECT word, seen, 0 AS off FROM search.words WHERE word = a.token COLLATE "C")
   UNION ALL
   (SELECT word, seen, 1 FROM (
      SELECT word, seen FROM search.words WHERE word > a.token COLLATE "C" AND word < a.token_end COLLATE "C"
       ORDER BY word LIMIT 300) p ORDER BY seen DESC, word LIMIT 60)
   UNION ALL
   (SELECT word, seen, 1 FROM (
      SELECT word, seen FROM search.words WHERE reversed > a.tail COLLATE "C" AND reversed < a.tail_end COLLATE "C"
       ORDER BY reversed LIMIT 300) t ORDER BY seen DESC, word LIMIT 60)
 ) w
UNION ALL
SELECT e.n, NULL, 0, 0, array_agg(c.seq) FROM unnest(CAST(:of AS integer[]), CAST(:exact AS text[])) AS e(n, code)
 CROSS JOIN LATERAL (
   SELECT seq FROM search.codes WHERE code = e.code COLLATE "C" ORDER BY seq DESC LIMIT 1000) c
 GROUP BY e.n
UNION ALL
SELECT a.n, NULL, 0, 1, array_agg(c.seq) FROM a CROSS JOIN LATERAL (
   (SELECT seq FROM search.codes WHERE code > a.start COLLATE "C" AND code < a.start || chr(1114111) COLLATE "C"
     ORDER BY code LIMIT 1000)
   UNION ALL
   (SELECT seq FROM search.codes WHERE a.coded AND strpos(code, '@') = 0 AND reverse(code) COLLATE "C" > a.tail COLLATE "C"
       AND reverse(code) COLLATE "C" < a.tail_end COLLATE "C" ORDER BY reverse(code) COLLATE "C" LIMIT 3000)
 ) c GROUP BY a.n""")
_SLIPS = text("""
SELECT e.n, w.word, w.seen, NULL AS numbers FROM unnest(CAST(:of AS integer[]), CAST(:edits AS text[])) AS e(n, word)
 CROSS JOIN LATERAL (SELECT word, seen FROM search.words WHERE word = e.word COLLATE "C" LIMIT 1) w
UNION ALL
SELECT e.n, NULL, 0, array_agg(c.seq) FROM unnest(CAST(:codes_of AS integer[]), CAST(:codes AS text[])) AS e(n, code)
 CROSS JOIN LATERAL (SELECT seq FROM search.codes WHERE code = e.code COLLATE "C" LIMIT 20) c GROUP BY e.n""")
_FAR = text("""
SELECT a.n, w.word, w.seen FROM unnest(CAST(:tokens AS text[])) WITH ORDINALITY AS a(token, n)
 CROSS JOIN LATERAL (
   SELECT word, seen FROM search.words WHERE word % a.token OR word LIKE '%' || a.token || '%'
    ORDER BY similarity(word, a.token) DESC LIMIT 300
 ) w""")


async def fitting(read: Read, tokens: Sequence[str], *, as_codes: Collection[str] = ()) -> list[Meaning]:
    """What each token means as it is written: the same, beginnings, tails. One statement.

    Beginnings and ends of codes are only asked for tokens that look like one, and for those in `as_codes`.
    """
    exact = [(n, code) for n, token in enumerate(tokens, 1) for code in rules.as_stored(token)]
    coded = [
        token in as_codes or (len(token) >= TAIL_LENGTH_MIN and rules.looks_like_code(token))
        for token in tokens
    ]
    values = {
        "tokens": list(tokens),
        "ends": [token + LAST for token in tokens],
        "tails": [_tail(token) for token in tokens],
        "tail_ends": [_tail(token) + LAST for token in tokens],
        "coded": coded,
        "starts": [token if is_code else f"{token}@" for token, is_code in zip(tokens, coded, strict=True)],
        "of": [n for n, _ in exact],
        "exact": [code for _, code in exact],
    }
    found = [Meaning(token) for token in tokens]
    for row in await read.all(_FITTING, values):
        _add(found[row.n - 1], row, row.off)
    return found


async def slips(read: Read, meanings: Sequence[Meaning]) -> None:
    """Add what is one slip of the fingers away; where still nothing fits, parts and two slips."""
    edits = [
        (n, edit)
        for n, one in enumerate(meanings)
        if rules.typos_allowed(one.token)
        for edit in rules.one_edit_away(one.token)
    ]
    codes = [(n, edit) for n, edit in edits if rules.looks_like_code(meanings[n].token)]
    values = {
        "of": [n for n, _ in edits],
        "edits": [edit for _, edit in edits],
        "codes_of": [n for n, _ in codes],
        "codes": [edit for _, edit in codes],
    }
    for row in await read.all(_SLIPS, values) if edits else ():
        _add(meanings[row.n], row, SLIP)
    unknown = [one for one in meanings if not any(one.fits(off) for off in (SAME, PART, SLIP))]
    if unknown:
        await _far(read, unknown)


async def _far(read: Read, unknown: Sequence[Meaning]) -> None:
    candidates: list[list[Word]] = [[] for _ in unknown]
    for row in await read.all(_FAR, {"tokens": [one.token for one in unknown]}):
        candidates[row.n - 1].append(Word(row.word, row.seen, FAR))
    for one, words in zip(unknown, candidates, strict=True):
        one.words += rules.meant(one.token, words)


def _add(meaning: Meaning, row: Any, off: int) -> None:
    if row.numbers is None:
        meaning.words.append(Word(row.word, row.seen, off))
    else:
        meaning.orders.setdefault(off, []).extend(row.numbers)


def _tail(token: str) -> str:
    """What the reversed word begins with; for short tokens nothing does."""
    return token[::-1] if len(token) >= TAIL_LENGTH_MIN else LAST


async def orders_with(read: Read, groups: Sequence[Group], *, limit: int) -> list[OrderId]:
    """Orders that have one of every group, newest first. The rarest group is walked, the others are probed."""
    first, *others = sorted(groups, key=lambda group: group.seen)
    probes = sum(len(group.words) + 1 for group in others)
    walked = max(WALKED_MIN, min(WALKED_MAX, PROBES_MAX // max(1, probes)))
    each = limit if not others else max(WALKED_EACH_MIN, 4 * walked // max(4, len(first.words)))
    values: dict[str, object] = {"limit": each, "most": limit, "walked": walked}
    values |= _arrays(0, first)
    for place, group in enumerate(others, 1):
        values |= _arrays(place, group)
    rows = await read.all(_statement(first, others), values)
    return [OrderId(row.order_id) for row in rows]


def _arrays(place: int, group: Group) -> Mapping[str, object]:
    hashes = [rules.hash_of(word.word) for word in group.words]
    return {
        f"h{place}": hashes[0] if place == 0 and _is_one_word(group) else hashes,
        f"s{place}": list(group.numbers),
    }


def _is_one_word(group: Group) -> bool:
    return len(group.words) == 1 and not group.numbers


# One word is read from the index in order, and reading ends with enough hits; several are merged first.
_ONE = "SELECT seq FROM search.terms WHERE hash = :h0 ORDER BY seq DESC LIMIT :walked"
_SEVERAL = """SELECT seq FROM (
   SELECT unnest(CAST(:s0 AS bigint[])) AS seq
   UNION
   SELECT t.seq FROM unnest(CAST(:h0 AS bigint[])) AS a(hash) CROSS JOIN LATERAL (
     SELECT seq FROM search.terms WHERE hash = a.hash ORDER BY seq DESC LIMIT :limit) t
 ) u ORDER BY seq DESC LIMIT :walked"""
# a scalar question for each row walked, so that no plan reads all orders of a common word instead
_PROBE = """(w.seq = ANY(CAST(:s{n} AS bigint[])) OR (
   SELECT true FROM search.terms t WHERE t.hash = ANY(CAST(:h{n} AS bigint[])) AND t.seq = w.seq LIMIT 1))"""


def _statement(first: Group, others: Sequence[Group]) -> Any:
    walk = _ONE if _is_one_word(first) else _SEVERAL
    probes = " AND ".join(_PROBE.format(n=n) for n in range(1, len(others) + 1)) or "true"
    return text(f"""
SELECT d.order_id FROM (
  SELECT w.seq FROM ({walk}) w WHERE {probes} ORDER BY w.seq DESC LIMIT :most
) f JOIN search.documents d USING (seq) ORDER BY f.seq DESC""")  # noqa: S608  # constants and numbered parameters
