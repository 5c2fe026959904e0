"""Shopify's proof: base64 HMAC-SHA256 of the raw body under the app's secret, in X-Shopify-Hmac-Sha256.

Nothing in it is dated, so an old message cannot be told from a repeated one by the signature: repetition is
recognised by the webhook id, age by the resource's own version.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Sequence

HEADER = "x-shopify-hmac-sha256"


def sign(body: bytes, secret: str) -> str:
    """The header's value for these bytes."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def is_signed(body: bytes, claimed: str, *, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets (the current one, an old one just after rotation) signed exactly these bytes."""
    given = claimed.strip().encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets]
    return any(matches)
