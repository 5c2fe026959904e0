"""Big databases quickly: orders, their lines and what they are found by, with set-based SQL from a made-up vocabulary.

Everything follows from an order's number by hashing, so any part can be told again; common names are common (Zipf). The
rows are those that placing and the index reaction write, which `differences` proves on a sample.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from ambidex.domains.search import store as search_store
from ambidex.domains.search.rules import codes_of, hash_of, words_of
from ambidex.kernel.ids import OrderId
from ambidex.reads.find_documents import documents
from ambidex.runtime.db import MARK
from ambidex.runtime.perform import Run
from bench.vocabulary import UNSPACED, entries, shares

CHUNK = 500_000
# orders placed while a seed grows are numbered beyond all that may be seeded
FIRST_REAL = 50_000_000
_TABLES = """
CREATE SCHEMA bench;
CREATE FUNCTION bench.chance(i bigint, salt int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT (hashint8extended(i, salt) & 4503599627370495)::float8 / 4503599627370496 $$;
CREATE FUNCTION bench.zipf(i bigint, salt int, n int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT least(n, floor(exp(bench.chance(i, salt) * ln(n + 1)))::int) $$;
CREATE FUNCTION bench.number_of(i bigint) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
  $$ SELECT string_agg(substr('23456789BCDFGHJKLMNPQRSTVWXYZ', 1 + (i * 314159265359 % 500246412961
       / (29 ^ (d - 1))::bigint % 29)::int, 1) || CASE d WHEN 4 THEN '-' ELSE '' END, '' ORDER BY d)
       FROM generate_series(1, 8) d $$;
CREATE UNLOGGED TABLE bench.vocabulary (kind text, script int, n int, shown text, plain text, words text[],
  hashes bigint[], PRIMARY KEY (kind, script, n));
"""
# One row an order: everything chosen. $1, $2: from and to; $3: shares of the scripts; $4: the start in milliseconds.
_PICKED = """
CREATE UNLOGGED TABLE bench.picked AS
WITH counted AS MATERIALIZED (SELECT kind, script, count(*)::int AS n FROM bench.vocabulary GROUP BY kind, script),
chosen AS (
  SELECT i, width_bucket(bench.chance(i, 1), {shares}) AS script, bench.chance(i, 9) < 0.3 AS sent
    FROM generate_series({first}::bigint, {last}::bigint) i)
SELECT c.i, c.script, c.sent,
  (lpad(to_hex({start} + c.i * 1500), 12, '0') || '7' || substr(md5(c.i::text), 1, 3) || '8' || substr(md5(c.i::text), 4, 15)
  )::uuid AS order_id,
  bench.number_of(c.i) AS number, 'R-' || lpad(c.i::text, 9, '0') AS reference,
  '+1206' || lpad((2000000 + floor(bench.chance(c.i, 7) * 7000000)::int)::text, 7, '0') AS phone,
  g.shown || ' ' || f.shown AS name,
  CASE WHEN g.plain <> '' AND f.plain <> '' THEN g.plain || '.' || f.plain || c.i % 1000 ELSE 'c' || c.i END
    || '@example.com' AS email,
  s1.n AS item1, s2.n AS item2, s1.shown AS sku1, s2.shown AS sku2, t1.shown AS title1, t2.shown AS title2,
  st.shown AS street, ci.shown AS city, pc.shown AS postcode,
  CASE WHEN c.script = ANY({unspaced}) THEN ARRAY[g.shown || f.shown] ELSE '{{}}' END || g.words || f.words || s1.words || s2.words || t1.words || t2.words
    || CASE WHEN c.sent THEN st.words || ci.words || pc.words || ARRAY[(1 + c.i % 200)::text] ELSE '{{}}' END AS words
FROM chosen c
JOIN counted gn ON gn.kind = 'given' AND gn.script = c.script
JOIN counted fn ON fn.kind = 'family' AND fn.script = c.script
JOIN bench.vocabulary g ON g.kind = 'given' AND g.script = c.script AND g.n = bench.zipf(c.i, 2, gn.n)
JOIN bench.vocabulary f ON f.kind = 'family' AND f.script = c.script AND f.n = bench.zipf(c.i, 3, fn.n)
JOIN counted sn ON sn.kind = 'sku' JOIN counted pn ON pn.kind = 'postcode'
JOIN counted stn ON stn.kind = 'street' JOIN counted cn ON cn.kind = 'city'
JOIN bench.vocabulary s1 ON s1.kind = 'sku' AND s1.script = 0 AND s1.n = bench.zipf(c.i, 4, sn.n)
JOIN bench.vocabulary s2 ON s2.kind = 'sku' AND s2.script = 0 AND s2.n = 1 + (s1.n + bench.zipf(c.i, 5, sn.n - 2)) % sn.n
JOIN bench.vocabulary t1 ON t1.kind = 'title' AND t1.script = 0 AND t1.n = s1.n
JOIN bench.vocabulary t2 ON t2.kind = 'title' AND t2.script = 0 AND t2.n = s2.n
JOIN bench.vocabulary st ON st.kind = 'street' AND st.script = 0 AND st.n = 1 + floor(bench.chance(c.i, 10) * stn.n)::int
JOIN bench.vocabulary ci ON ci.kind = 'city' AND ci.script = 0 AND ci.n = bench.zipf(c.i, 11, cn.n)
JOIN bench.vocabulary pc ON pc.kind = 'postcode' AND pc.script = 0 AND pc.n = 1 + floor(bench.chance(c.i, 12) * pn.n)::int
"""
_ORDERS = (
    """
INSERT INTO orders.orders (order_id, number, source_id, reference, channel, state, currency, total_minor, contact_name,
  contact_email, contact_phone, address, terms, placed_at, recorded_at, link_expires_at)
SELECT order_id, number, {source}, reference, 'web', {state}, 'USD', 3980, name, email, phone,
  CASE WHEN sent THEN jsonb_build_object('line1', (1 + i % 200) || ' ' || street, 'city', city, 'postcode', postcode) END,
  '{{}}', at, at, at + interval '180 days'
FROM (SELECT p.*, to_timestamp(({start} + i * 1500) / 1000.0) AS at FROM bench.picked p) p""",
    """
INSERT INTO orders.lines (order_id, line_no, item_id, sku, title, quantity, unit_price_minor, method, location_id, {line_state})
SELECT p.order_id, l.line_no, t.item_id, l.sku, l.title, 1, 1990, {method},
  ({places}::uuid[])[1 + p.i % {place_count}], 1
FROM bench.picked p
CROSS JOIN LATERAL (VALUES (1, sku1, title1), (2, sku2, title2)) AS l(line_no, sku, title)
JOIN catalogue.items t ON t.sku = l.sku""",
)
_SEARCH = (
    """
INSERT INTO search.documents (order_id, seq, indexed_at) OVERRIDING SYSTEM VALUE
SELECT order_id, i, now() FROM bench.picked""",
    """
INSERT INTO search.codes (code, seq)
SELECT c, i FROM bench.picked CROSS JOIN LATERAL (VALUES (lower(replace(number, '-', ''))),
  (lower(replace(reference, '-', ''))), (substr(phone, 2)), (email)) AS v(c)""",
    """
INSERT INTO search.terms (hash, seq)
SELECT DISTINCT k.hash, p.i FROM bench.picked p CROSS JOIN LATERAL unnest(p.words) AS w(word)
  JOIN bench.hashed k USING (word)""",
    """
INSERT INTO search.words AS w (word, reversed, seen)
SELECT word, reverse(word), least(count(DISTINCT i), {seen_max}) FROM bench.picked CROSS JOIN LATERAL unnest(words) AS x(word)
 GROUP BY word ORDER BY word
ON CONFLICT (word) DO UPDATE SET seen = least(w.seen + excluded.seen, {seen_max})""",
)
_INDEXES = {
    "search.codes": ("pk_codes PRIMARY KEY (code, seq)",),
    "search.terms": ("pk_terms PRIMARY KEY (hash, seq)",),
}


@asynccontextmanager
async def seeding(owner_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """The owner's connection with room to sort; what is seeded is not waited for on disk."""
    connection = await asyncpg.connect(owner_url, server_settings=MARK)
    try:
        for setting in ("maintenance_work_mem = '512MB'", "work_mem = '256MB'", "synchronous_commit = off"):
            await connection.execute(f"SET {setting}")
        yield connection
    finally:
        await connection.close()


async def make_vocabulary(
    connection: asyncpg.Connection[Any], chance: random.Random, *, items: int = 2_000
) -> None:
    """The words everything is made of."""
    await connection.execute(_TABLES)
    rows = [
        (e.kind, e.script, e.number, e.shown, e.plain, e.words, e.hashes)
        for e in entries(chance, items=items)
    ]
    await connection.copy_records_to_table("vocabulary", schema_name="bench", records=rows)
    numbers = [(str(number), hash_of(str(number))) for number in range(1, 201)]
    await connection.execute(
        "CREATE UNLOGGED TABLE bench.hashed (word text PRIMARY KEY, hash bigint NOT NULL)"
    )
    joined = await connection.fetch(
        "SELECT g.shown || f.shown AS word FROM bench.vocabulary g JOIN bench.vocabulary f USING (script)"
        " WHERE g.kind = 'given' AND f.kind = 'family' AND script = ANY($1)",
        list(UNSPACED),
    )
    numbers += [(row["word"], hash_of(row["word"])) for row in joined]
    known = {word: hash_ for row in rows for word, hash_ in zip(row[5], row[6], strict=True)} | dict(numbers)
    await connection.copy_records_to_table("hashed", schema_name="bench", records=list(known.items()))
    await connection.execute("ANALYZE bench.vocabulary; ANALYZE bench.hashed")


async def seed_found(
    connection: asyncpg.Connection[Any],
    *,
    first: int = 1,
    count: int,
    start_ms: int,
    with_rows: tuple[str, ...] = (),
    **named: str,
) -> None:
    """Orders number `first` to `count` with all they are found by. `with_rows`: more of each chunk (`bench.picked`)."""
    words = {"start": str(start_ms), "seen_max": str(search_store.SEEN_MAX), **named}
    words |= {"state": "'closed'", "line_state": "q_handed_over"}
    words |= {"method": "CASE WHEN p.sent THEN 'ship' ELSE 'pickup' END", **named}
    bounds, total = [0.0], 0.0
    for share in shares()[:-1]:
        total += share
        bounds.append(round(total, 4))
    words["unspaced"] = f"ARRAY{list(UNSPACED)}"
    words["shares"] = f"ARRAY{bounds[1:]}::float8[]"
    await _without_indexes(connection)
    for begin in range(first, count + 1, CHUNK):
        last = min(count, begin + CHUNK - 1)
        await connection.execute("DROP TABLE IF EXISTS bench.picked")
        for statement in (_PICKED, *_ORDERS, *_SEARCH, *with_rows):
            await connection.execute(statement.format(first=begin, last=last, **words))
            if statement is _PICKED:
                await connection.execute("ANALYZE bench.picked")
    await _with_indexes(connection)
    await begin_beyond(connection)


async def begin_beyond(connection: asyncpg.Connection[Any]) -> None:
    """Orders that are placed from now on get numbers that no seed uses."""
    await connection.execute(
        "SELECT setval(pg_get_serial_sequence('search.documents', 'seq'), greatest($1, max(seq))) FROM search.documents",
        FIRST_REAL,
    )


async def _without_indexes(connection: asyncpg.Connection[Any]) -> None:
    for table, constraints in _INDEXES.items():
        for one in constraints:
            await connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {one.split()[0]}")
    await connection.execute("DROP INDEX search.ix_codes_tails")


async def _with_indexes(connection: asyncpg.Connection[Any]) -> None:
    for table, constraints in _INDEXES.items():
        for one in constraints:
            await connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {one}")
    await connection.execute(
        "CREATE INDEX ix_codes_tails ON search.codes (reverse(code) COLLATE \"C\") WHERE strpos(code, '@') = 0"
    )
    for table in (
        "search.codes",
        "search.terms",
        "search.words",
        "search.documents",
        "orders.orders",
        "orders.lines",
    ):
        await connection.execute(f"VACUUM ANALYZE {table}")


async def differences(connection: asyncpg.Connection[Any], run: Run, *, count: int, sample: int = 200) -> int:
    """How many of a sample of seeded orders the index reaction would have indexed otherwise."""
    picked = random.Random(count).sample(range(1, count + 1), sample)
    rows = await connection.fetch("SELECT order_id, seq FROM search.documents WHERE seq = ANY($1)", picked)
    numbers = {OrderId(row["order_id"]): row["seq"] for row in rows}
    async with run.reading() as read:
        written = await documents(read, list(numbers))
    hashes, codes = await _stored(connection, list(numbers.values()))
    wrong = 0
    for one in written:
        number = numbers[one.order_id]
        same = {hash_of(word) for word in words_of(one)} == hashes.get(number, set())
        wrong += not (same and codes_of(one) == codes.get(number, set()))
    return wrong + (sample - len(written))


async def _stored(
    connection: asyncpg.Connection[Any], numbers: list[int]
) -> tuple[dict[int, set[int]], dict[int, set[str]]]:
    hashes: dict[int, set[int]] = {}
    codes: dict[int, set[str]] = {}
    for row in await connection.fetch("SELECT hash, seq FROM search.terms WHERE seq = ANY($1)", numbers):
        hashes.setdefault(row["seq"], set()).add(row["hash"])
    for row in await connection.fetch("SELECT code, seq FROM search.codes WHERE seq = ANY($1)", numbers):
        codes.setdefault(row["seq"], set()).add(row["code"])
    return hashes, codes
