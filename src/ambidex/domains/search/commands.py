"""Filling the index. Called by a reaction, a moment after orders were placed or changed."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.search import rules, store
from ambidex.domains.search.model import Document
from ambidex.runtime.db import Tx


async def index(tx: Tx, documents: Sequence[Document]) -> None:
    """Make these orders found by their words; doing it again adds what is new."""
    await store.write(tx, {one.order_id: rules.words_of(one) for one in documents})
