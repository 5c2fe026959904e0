"""Filling the index. Called by a reaction, a moment after orders were placed or changed."""

from __future__ import annotations

from collections.abc import Sequence

from ambidex.domains.search import store
from ambidex.domains.search.model import Document
from ambidex.runtime.db import Tx


async def index(tx: Tx, documents: Sequence[Document]) -> None:
    """Make these orders found by their codes and words; doing it again adds what is new."""
    await store.write(tx, documents)
