"""A message of another system arrives: its proof is checked, then it is kept byte by byte; only then is yes said.

What is wrongly signed is kept too, as refused, so that a wrong secret is seen on the page and not guessed at.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ambidex.domains import channels
from ambidex.domains.channels import Source
from ambidex.flows.shop_port import SYSTEMS, SourceSystem
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.problem import NotFound, Problem
from ambidex.runtime import crash, inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Delivery, Stored
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

# that a source is alive is written down at most this often, so that its row does not become hot
HEARD_EVERY = timedelta(seconds=30)
WRONGLY_SIGNED = "wrongly signed"


class WronglySigned(Problem):
    """The signature does not fit the body."""

    status, code = 401, "wrongly-signed"
    advice = "Check that both sides hold the same secret; after a rotation the old one is good for an hour."


class SendsNothing(NotFound):
    """This source sends no messages here."""

    code = "sends-nothing"
    advice = "Register it with the kind of its system, such as shopify."


async def receive(
    run: Run, outside: Outside, *, code: str, headers: Mapping[str, str], body: bytes
) -> Stored:
    """Keep one arrival. `headers` have small letters. Raises UnknownSource, SendsNothing, WronglySigned."""
    async with run.reading() as read:
        source = await channels.source(read, code)
        secrets, now = await channels.secrets(read, source.source_id, at=read.now), read.now
    system = _system(outside, source)
    delivery = system.delivery(source.code, headers, body)
    if not system.is_signed(headers, body, secrets=secrets, at=now):
        await run.perform(SYSTEM, inbox.refuse, delivery, reason=WRONGLY_SIGNED)
        raise WronglySigned(source=code)
    stored = await run.perform(SYSTEM, keep, source=source, delivery=delivery)
    crash.point("inbox-stored")
    return stored


async def keep(tx: Tx, *, source: Source, delivery: Delivery) -> Stored:
    """Store it and note that the source is alive."""
    stored = await inbox.store(tx, delivery)
    if source.heard_at is None or tx.now - source.heard_at >= HEARD_EVERY:
        await channels.heard(tx, source.source_id)
    return stored


def _system(outside: Outside, source: Source) -> SourceSystem:
    system = outside.via(SYSTEMS).of_kind(source.kind)
    if system is None:
        raise SendsNothing(source=source.code, kind=source.kind)
    return system
