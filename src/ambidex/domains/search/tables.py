"""Tables of search: which words an order is found by, newest first, and the dictionary of those words.

A term is the hash of a word and the running number of an order. Words that nobody sends any more stay; a hit is
proved by reading the order. The extension pg_trgm is trusted: the owner of the database may create it.
"""

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, Table, Text
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
    # how many orders were indexed under it, for walking the rarer word
    Column("seen", Integer, nullable=False, server_default="1"),
    schema="search",
)
Index("ix_words_reversed", words.c.reversed)
Index(
    "ix_words_trigrams",
    words.c.word,
    postgresql_using="gin",
    postgresql_ops={"word": "public.gin_trgm_ops"},
)
before_create(words, "CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
