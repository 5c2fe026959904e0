"""EasyPost's proof: hex HMAC-SHA256 of the raw body under the webhook's secret (NFKD), in X-Hmac-Signature.

Nothing in it is dated: repetition is recognised by the event's id, age by the carrier's own times.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Sequence

HEADER = "x-hmac-signature"
PREFIX = "hmac-sha256-hex="


def sign(body: bytes, secret: str) -> str:
    """The header's value for these bytes."""
    key = unicodedata.normalize("NFKD", secret).encode()
    return PREFIX + hmac.new(key, body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, claimed: str, *, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets (the current one, an old one just after rotation) signed exactly these bytes."""
    given = claimed.strip().encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets]
    return any(matches)
