"""A sign-in has a password: none at all is refused as a short one is."""

from __future__ import annotations

import pytest

from ambidex.domains import identity
from ambidex.kernel.problem import BadInput


@pytest.mark.parametrize(
    ("password", "pin"), [("", ""), ("short", ""), ("marrow and finch", "12"), ("marrow and finch", "12a4")]
)
def test_a_weak_or_missing_secret_is_refused(password: str, pin: str) -> None:
    with pytest.raises(BadInput):
        identity.check_secrets(password=password, pin=pin)


@pytest.mark.parametrize("pin", ["", "2468"])
def test_a_pin_is_as_one_likes(pin: str) -> None:
    identity.check_secrets(password="marrow and finch", pin=pin)
