"""Queue one message to the customer, by whoever speaks about this kind for the order's source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from ambidex.domains import channels, messages, promises
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind, NewMessage, Speaker
from ambidex.domains.orders import Order
from ambidex.domains.promises import NewPromise, PromiseKind
from ambidex.flows.customer_facts import facts_for
from ambidex.runtime.db import Tx

CORRECT_WITHIN = timedelta(minutes=30)


async def say(
    tx: Tx,
    order: Order,
    kind: MessageKind,
    *,
    fact_key: str,
    proof: Sequence[str],
    location: Location | None = None,
    work_no: int = 0,
    speaker: Speaker | None = None,
    **facts: Any,
) -> None:
    """Tell the customer a fact, once. `facts` are those of the kind (README of messages).

    `speaker`: who must say it, where it is not whoever says this kind for the source.
    """
    source = await channels.source_by_id(tx, order.source_id)
    row = NewMessage(
        order_id=order.order_id,
        kind=kind,
        work_no=work_no,
        fact_key=fact_key,
        proof=tuple(proof),
        speaker=speaker or Speaker(channels.speaker(source, kind.value)),
        facts=facts_for(order, location, now=tx.now, **facts),
    )
    await messages.queue(tx, [row])


async def unsay(
    tx: Tx,
    order: Order,
    kinds: Sequence[MessageKind],
    *,
    reason: str,
    correction: str,
    fact_key: str,
    proof: Sequence[str],
    location: Location | None = None,
    work_no: int = 0,
) -> bool:
    """What we said is no longer true: withdraw what was not sent; what was told is corrected by a deadline.

    `correction` is the sentence that is true now. False when nothing had been told.
    """
    told = await messages.retract(tx, order.order_id, kinds=kinds, works=[work_no], reason=reason)
    if not told:
        return False
    facts: dict[str, Any] = {"correction": correction, "cause_words": ""}
    await say(
        tx, order, MessageKind.CORRECTION,
        fact_key=fact_key, proof=proof, location=location, work_no=work_no, **facts,
    )  # fmt: skip
    if await promises.open_promises(tx, order.order_id, work_no=work_no, kind=PromiseKind.CORRECTION_BY):
        return True
    promise = NewPromise(
        order_id=order.order_id,
        kind=PromiseKind.CORRECTION_BY,
        due_at=tx.now + CORRECT_WITHIN,
        work_no=work_no,
        location_id=None if location is None else location.location_id,
        facts={"message": fact_key},
    )
    await promises.make(tx, [promise])
    return True
