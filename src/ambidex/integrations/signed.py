"""The proof of systems that have none of their own: Standard Webhooks, or the plain HMAC of the body.

Standard Webhooks is dated, so an old message cannot be sent again by a stranger (5 minutes, as its text advises). The
plain proof is not; then repetition is recognized by what the message says. https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PLAIN = "x-ambidex-signature"
REPLAY_WINDOW = timedelta(minutes=5)
KEPT_HEADERS = (ID, TIMESTAMP, "content-type", "user-agent")
_HEADER_MAX = 400


def said(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are kept beside a message; none of them is a secret."""
    return {name: headers[name][:_HEADER_MAX] for name in KEPT_HEADERS if name in headers}


def delivery_key(headers: Mapping[str, str], body: bytes) -> str:
    """The sender's id with a print of the body, so that an id used twice for different words loses none of them."""
    given = headers.get(ID, "").strip()[:200]
    return f"{given}:{hashlib.sha256(body).hexdigest()[:24]}" if given else ""


def sign(body: bytes, secret: str, *, message_id: str, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks for these bytes."""
    stamp = str(int(at.timestamp()))
    return {ID: message_id, TIMESTAMP: stamp, SIGNATURE: f"v1,{_dated(body, secret, message_id, stamp)}"}


def sign_plain(body: bytes, secret: str) -> str:
    """The value of X-Ambidex-Signature for these bytes."""
    return "sha256=" + hmac.new(_key(secret), body, hashlib.sha256).hexdigest()


def is_signed(headers: Mapping[str, str], body: bytes, *, secrets: Sequence[str], at: datetime) -> bool:
    """Whether one of the secrets signed exactly these bytes, dated within the window or undated."""
    if SIGNATURE in headers:
        return _is_fresh(headers.get(TIMESTAMP, ""), at) and _any_dated(headers, body, secrets)
    given = headers.get(PLAIN, "").strip().encode("utf-8", "replace")
    matches = [hmac.compare_digest(sign_plain(body, secret).encode(), given) for secret in secrets]
    return any(matches)


def _any_dated(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
    """Every signature is compared with every secret, so that the time taken tells nothing."""
    message_id, stamp = headers.get(ID, ""), headers.get(TIMESTAMP, "")
    given = [one.partition(",")[2] for one in headers[SIGNATURE].split(" ") if one.startswith("v1,")]
    wanted = [_dated(body, secret, message_id, stamp).encode() for secret in secrets]
    matches = [
        hmac.compare_digest(one, other.encode("utf-8", "replace")) for one in wanted for other in given[:10]
    ]
    return any(matches)


def _is_fresh(stamp: str, at: datetime) -> bool:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 11):
        return False
    return abs(at.timestamp() - int(stamp)) <= REPLAY_WINDOW.total_seconds()


def _dated(body: bytes, secret: str, message_id: str, stamp: str) -> str:
    content = f"{message_id}.{stamp}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), content, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    """Standard Webhooks writes secrets as whsec_ and base64; any other text is taken as it is."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
