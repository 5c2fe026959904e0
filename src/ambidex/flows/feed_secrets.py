"""The secrets a feed signs with, as the subscriber needs them. They are derived when asked for, and stored nowhere."""

from __future__ import annotations

import base64
from datetime import datetime

from ambidex.domains import feeds
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read

PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Secrets:
    """Newest first; `old_until` is when the second ends."""

    texts: tuple[str, ...]
    old_until: datetime | None


async def secrets_of(read: Read, code: str, *, key: bytes) -> Secrets:
    """What messages of this feed are signed with now, in the form of Standard Webhooks. Raises UnknownFeed."""
    feed = await feeds.feed(read, code)
    texts = tuple(_text(secret) for secret in feeds.secrets(key, feed, read.now))
    return Secrets(texts, feed.old_secret_until if len(texts) > 1 else None)


def _text(secret: bytes) -> str:
    return PREFIX + base64.b64encode(secret).decode()
