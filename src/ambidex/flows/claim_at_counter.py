"""A customer stands at the counter and the order is not here: it is pulled live from the shop it was bought from.

The platform's own answer is the proof; nothing is made up from what somebody says. The whole takes less than ten seconds
or ends with a clear refusal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from ambidex.domains import channels, orders
from ambidex.domains.channels import Source
from ambidex.domains.orders import Order
from ambidex.flows import reconcile, take_in
from ambidex.flows.shop_port import SYSTEMS, Held, PlatformDown, ShopPort
from ambidex.kernel.actor import SYSTEM, Actor, Permission
from ambidex.kernel.problem import BadInput, NotFound, Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime import inbox
from ambidex.runtime.db import Tx
from ambidex.runtime.inbox import Message, Stored
from ambidex.runtime.outside import Outside
from ambidex.runtime.perform import Run

SECONDS_MAX = 9.0


class NotThereEither(NotFound):
    """The shop does not know this order either."""

    code = "not-there-either"
    advice = (
        "Check the number and the e-mail on the customer's own confirmation; it may be another shop's order."
    )


class SeveralFound(Problem):
    """Several orders fit."""

    status, code = 409, "several-found"
    advice = "Choose one of them and send its reference."


class CannotTakeIn(Problem):
    """The shop has this order, but it cannot be taken in yet."""

    status, code = 409, "cannot-take-in"
    advice = "Somebody must repair it on the page of parked messages; its reason stands there."


class NoShop(NotFound):
    """No shop is connected that could be asked."""

    code = "no-shop"
    advice = "Connect the shop first (source create, with the address of its API)."


@dataclass(frozen=True)
class Claim:
    """What the customer can show: a number, an e-mail or a name; or one of several found, by its reference."""

    words: str = ""
    source: str = ""
    reference: str = ""


@dataclass(frozen=True)
class Pulled:
    """The order here, and whether it was new."""

    order: Order
    is_new: bool


async def claim(
    run: Run, outside: Outside, actor: Actor, asked: Claim, *, seconds_max: float = SECONDS_MAX
) -> Pulled:
    """Find it at its platform and take it in now.

    Raises NotThereEither, SeveralFound, CannotTakeIn, PlatformDown, NoShop.
    """
    actor.must(Permission.ORDERS_CLAIM)
    if not asked.words.strip() and not asked.reference:
        raise BadInput("claim", errors=[{"field": "q", "expected": "a number, an e-mail or a name"}])
    try:
        async with asyncio.timeout(seconds_max):
            source, held = await _find(run, outside, asked)
            return await _take_in(run, outside, source, held)
    except TimeoutError as cause:
        raise PlatformDown("no answer in time") from cause


async def _find(run: Run, outside: Outside, asked: Claim) -> tuple[Source, Held]:
    shops = await _shops(run, outside, asked.source)
    answers = await asyncio.gather(*(_ask(shop, asked) for _, shop in shops), return_exceptions=True)
    found = [
        (source, held)
        for (source, _), answer in zip(shops, answers, strict=True)
        if not isinstance(answer, BaseException)
        for held in answer
    ]
    if not found and (down := next((one for one in answers if isinstance(one, BaseException)), None)):
        raise down
    if not found:
        raise NotThereEither(asked.words)
    if len(found) > 1:
        raise SeveralFound(found=[_shown(source, held) for source, held in found])
    return found[0]


async def _shops(run: Run, outside: Outside, code: str) -> Sequence[tuple[Source, ShopPort]]:
    async with run.reading() as read:
        sources = [await channels.source(read, code)] if code else (await channels.page(read)).items
    systems = outside.via(SYSTEMS)
    shops = [(source, shop) for source in sources if (shop := systems.shop(source)) is not None]
    if not shops:
        raise NoShop(source=code)
    return shops


async def _ask(shop: ShopPort, asked: Claim) -> Sequence[Held]:
    if not asked.reference:
        return await shop.find_orders(asked.words)
    held = await shop.order(asked.reference)
    return [] if held is None else [held]


async def _take_in(run: Run, outside: Outside, source: Source, held: Held) -> Pulled:
    async with run.reading() as read:
        known = await orders.ask.by_reference(read, source.source_id, held.reference)
    if known is not None and known.source_version is not None and known.source_version >= held.version:
        return Pulled(known, is_new=False)
    stored = await run.perform(SYSTEM, store_now, source=source, held=held)
    await _apply(run, outside, stored)
    async with run.reading() as read:
        order = await orders.ask.by_reference(read, source.source_id, held.reference)
        message = await inbox.message(read, stored.message_id)
    if order is None:
        raise CannotTakeIn(message.reason, message=str(message.message_id), number=held.number)
    return Pulled(order, is_new=known is None)


async def store_now(tx: Tx, *, source: Source, held: Held) -> Stored:
    """Store it as ours to apply; what was parked before is tried once more."""
    stored = await inbox.store_leased(tx, reconcile.delivery_of(source, held))
    if stored.state == "parked":
        await inbox.replay_all(tx, [stored.message_id])
    return stored


async def _apply(run: Run, outside: Outside, stored: Stored) -> None:
    """Apply it here and now. Should a worker have it at the same time, one of the two is second and changes nothing."""
    message = await _read(run, stored)
    if message.state == "stored":
        await take_in.apply(run, outside, message)


async def _read(run: Run, stored: Stored) -> Message:
    async with run.reading() as read:
        return await inbox.message(read, stored.message_id)


def _shown(source: Source, held: Held) -> dict[str, str]:
    return {
        "source": source.code,
        "reference": held.reference,
        "number": held.number,
        "changed_at": held.version.isoformat(),
    }
