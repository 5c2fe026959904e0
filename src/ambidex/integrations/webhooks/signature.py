"""Signatures by Standard Webhooks: `v1,` and base64 of HMAC-SHA256 over "id.timestamp.body", one per secret."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable


def sign(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> str:
    """The header `webhook-signature`; several secrets are separated by a blank."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return " ".join("v1," + _code(secret, signed) for secret in secrets)


def _code(secret: bytes, signed: bytes) -> str:
    return base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
