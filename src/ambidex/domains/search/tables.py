"""Tables of search: which codes and words an order is found by, newest first, and the dictionary of those words.

A code (number, reference, phone, e-mail) names an order or a customer and stands with it; a word (name, title, SKU,
postcode) is shared by many orders, so its orders are terms: the hash of the word and the running number of the order.
What nobody sends any more stays; a hit is proved by reading the order. The extension pg_trgm is trusted: the owner of
the database may create it.
"""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from ambidex.runtime.db import METADATA
from ambidex.runtime.tables import Instant, before_create

documents = Table(
    "documents",
    METADATA,
    Column("order_id", UUID(as_uuid=True), primary_key=True),
    Column("seq", BigInteger, Identity(always=True), nullable=False, unique=True),
    Column("indexed_at", Instant, nullable=False),
    schema="search",
)

codes = Table(
    "codes",
    METADATA,
    Column("code", Text(collation="C"), primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    schema="search",
)
# nobody remembers the end of an e-mail address
Index(
    "ix_codes_tails",
    text('reverse(code) COLLATE "C"'),
    postgresql_where=text("strpos(code, '@') = 0"),
    _table=codes,
)

terms = Table(
    "terms",
    METADATA,
    Column("hash", BigInteger, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    schema="search",
)

words = Table(
    "words",
    METADATA,
    Column("word", Text(collation="C"), primary_key=True),
    Column("reversed", Text(collation="C"), nullable=False),
    # how many orders were indexed under it, for walking the rarer word; not counted beyond store.SEEN_MAX
    Column("seen", Integer, nullable=False, server_default="1"),
    schema="search",
    postgresql_with={"fillfactor": "80"},
)
Index("ix_words_reversed", words.c.reversed)
Index(
    "ix_words_trigrams",
    words.c.word,
    postgresql_using="gin",
    postgresql_ops={"word": "public.gin_trgm_ops"},
)
before_create(words, "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
