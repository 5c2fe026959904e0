"""Pure decisions about sources: who speaks to the customer, and what is wrong with a registration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from ambidex.domains.channels.model import CHANNELS, NewSource, Source
from ambidex.domains.channels.problems import BadSource
from ambidex.kernel.problem import FieldError

OLD_SECRET_FOR = timedelta(hours=1)
SECRET_LENGTH_MIN = 8
_CODE = re.compile(r"[a-z0-9][a-z0-9_.-]*(:[a-z0-9_.-]+)?")
# shops that send their orders themselves, signed: nobody makes one of them by naming it in an order
SHOP_KINDS = frozenset({"shopify"})
# A shop platform confirms what it sold; everything about the place is ours to say.
_PLATFORM_SPEAKS: Mapping[str, frozenset[str]] = {
    "shopify": frozenset({"confirmed", "refund_due"}),
}


def speaker(source: Source, kind: str) -> str:
    """Who tells the customer this kind of message: "us" or "platform"."""
    said = source.speakers.get(kind)
    if said in {"us", "platform"}:
        return str(said)
    return "platform" if kind in _PLATFORM_SPEAKS.get(source.kind, frozenset()) else "us"


def channel_of(code: str) -> str:
    """The channel that a code such as "web:main" names; "web" when it names none."""
    head = code.partition(":")[0]
    return head if head in CHANNELS else "web"


def named(code: str) -> NewSource:
    """The source of our API that an order names for the first time. Raises BadSource."""
    if code.partition(":")[0] in SHOP_KINDS:
        expected = "a source of your own, such as web:main; a system of this kind is registered first"
        raise BadSource(f"source {code!r}", errors=[{"field": "code", "expected": expected}])
    new = NewSource(code=code, kind="api", channel=channel_of(code))
    check(new)
    return new


def check(new: NewSource) -> None:
    """Raise BadSource naming every field that cannot be used."""
    errors: list[FieldError] = []
    if len(new.code) > 64 or not _CODE.fullmatch(new.code):
        errors.append({"field": "code", "expected": "such as shopify:main; small letters, digits, _ . -"})
    if new.channel not in CHANNELS:
        errors.append({"field": "channel", "expected": " | ".join(CHANNELS)})
    if new.secret and len(new.secret) < SECRET_LENGTH_MIN:
        errors.append({"field": "secret", "expected": f"at least {SECRET_LENGTH_MIN} characters"})
    errors += [
        {"field": f"speakers.{kind}", "expected": "us | platform"}
        for kind, who in (new.speakers or {}).items()
        if who not in {"us", "platform"}
    ]
    if errors:
        raise BadSource(f"source {new.code!r}", errors=errors)
