"""Units that nobody can send wait in a queue: with an owner, a day on which the customer hears of it, and a letter.

They wait for stock anywhere that may serve, not at a place. When some lands they go on (serve_parked.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ambidex.domains import orders, promises, watch
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Method, Order
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.domains.watch import Cause, NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.loose import Loose
from ambidex.flows.say import say
from ambidex.kernel.ids import OrderId
from ambidex.kernel.problem import MovedOn
from ambidex.reads.availability import coming
from ambidex.runtime.db import Tx

PROMISED, PROMISED_AGAIN = ("promises.made",), ("promises.re-promised",)
# goods that are on their way here are unpacked within that; without any we say within the other how it goes on
UNPACKED_WITHIN = timedelta(days=1)
NEWS_WITHIN, NEWS_MAX = timedelta(days=2), timedelta(days=21)
PARKED, TOO_LONG = "parked", "parked-too-long"
ASKED = frozenset({PARKED, TOO_LONG})
LOOK = "Nobody who may serve this customer has it. Find it, have it sent, or agree on something else."
TOSSED = (
    "Several places gave this order back. Talk to them, and to the customer, before anybody is asked again."
)


class NothingIsParked(MovedOn):
    """Nothing of this order waits for a place any more."""

    code = "nothing-is-parked"
    advice = "It went on, or was canceled, a moment ago; look at the order."


async def park(tx: Tx, loose: Loose, *, detail: str = LOOK) -> None:
    """These units wait from now on, if they did not before. What was promised of them can not be kept."""
    order, units = loose.order, loose.units
    if loose.promise is not None:
        await promises.break_(tx, loose.promise, cause=loose.cause)
    if loose.origin is LineState.BACKORDERED:
        return
    await orders.move_lines(tx, order.order_id, units, origin=loose.origin, to=LineState.BACKORDERED)
    whole = [line.line_no for line in loose.lines if line.still_to_happen == units[line.line_no]]
    await orders.send_lines_to(tx, order.order_id, whole, location_id=None)
    promise = await open_news(tx, order.order_id)
    if promise is None:
        promise = await _promise_news(tx, order, await _news_by(tx, loose))
        await _tell(tx, order, promise, cause_words=loose.words)
    else:
        await _tell(tx, order, promise, cause_words=loose.words, more=True)
    await _ask_somebody(tx, order, promise, units, detail=detail)


async def move_day(tx: Tx, order: Order, *, due_at: datetime) -> None:
    """Somebody gave another day: the customer hears it, and the task to find a place is due then."""
    promise = await open_news(tx, order.order_id)
    asked = await _asked(tx, order.order_id)
    _ = [await ownership.solved(tx, key, outcome="another day was told") for key, _ in asked]
    detail = next((said for _, said in asked), LOOK)
    facts = {
        "since": (promise.facts if promise else {}).get("since", tx.now.isoformat()),
        "task": _key(tx, order),
    }
    if promise is None:
        new = await _promise_news(tx, order, due_at)
    else:
        new = await promises.re_promise(tx, promise, due_at=due_at, cause=Cause.STOCK.value, facts=facts)
        await watch.arm(tx, [NewWatchdog(order.order_id, WaitsFor.STOCK, due_at)])
    proof = PROMISED if promise is None else PROMISED_AGAIN
    await _tell(tx, order, new, cause_words="Nobody has it yet.", proof=proof)
    await _ask_somebody(tx, order, new, parked_units(order), detail=detail)


async def leave(tx: Tx, order_id: OrderId, *, outcome: str, proof: tuple[str, ...] = ()) -> None:
    """When nothing of the order is parked any more nobody owes news of it, or looks for it. `proof`: it goes on; none: it is canceled."""
    order = await orders.order(tx, order_id)
    promise = await open_news(tx, order_id)
    if parked_units(order):
        return
    if promise is not None:
        await _end_news(tx, order_id, outcome=outcome, proof=proof)
    _ = [await ownership.solved(tx, key, outcome=outcome) for key, _ in await _asked(tx, order_id)]


async def _end_news(tx: Tx, order_id: OrderId, *, outcome: str, proof: tuple[str, ...]) -> None:
    if proof:
        await promises.keep(tx, order_id, kind=PromiseKind.NEWS_BY, proof=proof)
    else:
        await promises.release(tx, order_id, kind=PromiseKind.NEWS_BY, cause=outcome)
    await watch.cancel(tx, order_id, work_no=0, waits_for=WaitsFor.STOCK)


async def tell_again(tx: Tx, order: Order, promise: Promise) -> None:
    """The day came and nobody has it: the customer hears so with a new day, once; then only a person may promise."""
    if promise.replaces is None:
        due_at = tx.now + NEWS_WITHIN
        new = await promises.re_promise(tx, promise, due_at=due_at, cause=Cause.STOCK.value)
        await watch.arm(tx, [NewWatchdog(order.order_id, WaitsFor.STOCK, due_at)])
        await _tell(tx, order, new, cause_words="Nobody has it yet.", proof=PROMISED_AGAIN)
        return
    await promises.break_(tx, promise, cause=Cause.STOCK.value)
    await watch.cancel(tx, order.order_id, work_no=0, waits_for=WaitsFor.STOCK)
    until = tx.now + ownership.SOLVE_WITHIN
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind=TOO_LONG,
        cause=Cause.STOCK,
        title=f"Call the customer of order {order.number}: nobody has what they wait for",
        detail=LOOK,
        key=f"parked-too-long:{order.order_id.hex}:{promise.promise_no}",
        role="experience",
        about=ownership.About(due_at=until),
    )
    await say(
        tx,
        order,
        MessageKind.CORRECTION,
        fact_key=f"correction:parked:{promise.promise_no}",
        proof=("promises.broken",),
        correction="We said you would hear today when it leaves. We cannot say so yet; a colleague calls you.",
    )


async def open_news(tx: Tx, order_id: OrderId) -> Promise | None:
    """What the customer of a parked order was promised to hear."""
    found = await promises.open_promises(tx, order_id, work_no=0, kind=PromiseKind.NEWS_BY)
    return found[0] if found else None


def parked_units(order: Order) -> dict[int, int]:
    """Units that wait for stock anywhere: those that are to be sent. What is to be collected waits at its place."""
    return {
        line.line_no: units
        for line in order.lines
        if line.method is not Method.PICKUP and (units := line.units(LineState.BACKORDERED))
    }


async def _ask_somebody(
    tx: Tx, order: Order, promise: Promise, units: Mapping[int, int], *, detail: str
) -> None:
    """One task for one time of waiting, also when its day was moved by itself; a day given by hand is another."""
    await ownership.hand_to_person(
        tx,
        order_id=order.order_id,
        kind=PARKED,
        cause=Cause.STOCK,
        title=f"Find a place that can send order {order.number}",
        detail=detail,
        key=str(promise.facts["task"]),
        role="experience",
        about=ownership.About(due_at=promise.due_at, facts={"units": {str(n): c for n, c in units.items()}}),
    )


async def _asked(tx: Tx, order_id: OrderId) -> list[tuple[str, str]]:
    """What people were asked because of this waiting: key and detail of each."""
    found = await watch.open_exceptions(tx, order_id)
    return [(str(one.facts["key"]), one.detail) for one in found if one.kind in ASKED]


def _key(tx: Tx, order: Order) -> str:
    return f"parked:{order.order_id.hex}:{tx.new_id().hex}"


async def _promise_news(tx: Tx, order: Order, due_at: datetime) -> Promise:
    facts = {"since": tx.now.isoformat(), "task": _key(tx, order)}
    await promises.make(tx, [NewPromise(order.order_id, PromiseKind.NEWS_BY, due_at, facts=facts)])
    await watch.arm(tx, [NewWatchdog(order.order_id, WaitsFor.STOCK, due_at)])
    made = await open_news(tx, order.order_id)
    assert made is not None, "it was made a moment ago"
    return made


async def _news_by(tx: Tx, loose: Loose) -> datetime:
    """When all of it will have arrived somewhere and be unpacked, where that is known; else soon."""
    wanted = {line.item_id: loose.units[line.line_no] for line in loose.lines}
    arrives: dict[object, datetime] = {}
    there: dict[object, int] = {}
    for one in await coming(tx, wanted):
        there[one.item_id] = there.get(one.item_id, 0) + one.units
        if one.item_id not in arrives and there[one.item_id] >= wanted[one.item_id]:
            arrives[one.item_id] = one.at + UNPACKED_WITHIN
    if arrives.keys() != wanted.keys():
        return tx.now + NEWS_WITHIN
    return min(max(arrives.values()), tx.now + NEWS_MAX)


async def _tell(
    tx: Tx,
    order: Order,
    promise: Promise,
    *,
    cause_words: str,
    proof: tuple[str, ...] = PROMISED,
    more: bool = False,
) -> None:
    """What waits, and until when they hear of it. `more`: they heard it before of less."""
    waits = parked_units(await orders.order(tx, order.order_id))
    which = "".join(f":{line_no}x{units}" for line_no, units in sorted(waits.items())) if more else ""
    await say(
        tx,
        order,
        MessageKind.WAITING,
        fact_key=f"waiting:{promise.promise_no}{which}",
        proof=proof,
        news_by=promise.due_at,
        cause_words=cause_words,
        items=_items(order, waits),
    )


def _items(order: Order, units: Mapping[int, int]) -> list[dict[str, object]]:
    return [
        {"name": line.title, "quantity": units[line.line_no]} for line in order.lines if line.line_no in units
    ]
