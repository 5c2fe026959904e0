"""The proof: exactly these bytes, one of these secrets; anything else is refused."""

import pytest

from ambidex.integrations.shopify.signature import is_signed, sign

BODY = b'{"id": 1, "note": "gr\xc3\xbc\xc3\x9fe"}'


def test_the_known_vector() -> None:
    # RFC 4231, test case 2, in base64
    assert sign(b"what do ya want for nothing?", "Jefe") == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="


@pytest.mark.parametrize("secrets", [["new-secret"], ["newer-secret", "new-secret"]])
def test_signed_with_a_valid_secret(secrets: list[str]) -> None:
    assert is_signed(BODY, sign(BODY, "new-secret"), secrets=secrets)


@pytest.mark.parametrize(
    ("body", "claimed", "secrets"),
    [
        (BODY[:-1], sign(BODY, "new-secret"), ["new-secret"]),
        (BODY + b" ", sign(BODY, "new-secret"), ["new-secret"]),
        (BODY, sign(BODY, "old-secret"), ["new-secret"]),
        (BODY, sign(BODY, "new-secret"), []),
        (BODY, "", ["new-secret"]),
        (BODY, "ключ", ["new-secret"]),
    ],
)
def test_anything_else_is_refused(body: bytes, claimed: str, secrets: list[str]) -> None:
    assert not is_signed(body, claimed, secrets=secrets)
