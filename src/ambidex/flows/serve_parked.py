"""Stock landed somewhere: parked orders that may be served from there go on, by the written rule of fair release.

Who was promised the earliest day comes first, then who placed the order first. An order's line is served whole or not
at all, from one place or several, as the engine decides. Once its day has passed, nobody behind takes what it waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from ambidex.domains import availability, locations, orders, routing, watch
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.watch import Step, Watchdog
from ambidex.flows import ownership, parking
from ambidex.flows.choose_again import case_of, claim
from ambidex.flows.loose import Loose
from ambidex.flows.offer_item import withdraw_if_found
from ambidex.flows.route_order import OFFERED, carry_out, was_tossed
from ambidex.flows.say import say
from ambidex.flows.snapshots import instant
from ambidex.kernel.ids import ItemId, LocationId, OrderId
from ambidex.kernel.values import dataclass, replace
from ambidex.reads.availability import stock_at
from ambidex.reads.waiting import PARKED_MAX, ParkedLine, anybody_waits, parked_lines
from ambidex.runtime.db import Tx
from ambidex.runtime.reactions import StoredEvent

AT_ONCE, TURNS_AT_ONCE = 20, 3
LANDED = "stock_landed"
Places = set[tuple[ItemId, LocationId]]


@dataclass(frozen=True, slots=True)
class _Turn:
    """Some of the queue, from behind an order on: those that may be served from where stock landed."""

    behind: tuple[str, ...]
    landed: Places
    queue: Sequence[ParkedLine]

    @property
    def order_ids(self) -> list[OrderId]:
        return list(dict.fromkeys(one.order_id for one in self.queue))[:AT_ONCE]

    @property
    def comes_to(self) -> tuple[str, ...]:
        """Where the queue goes on after this turn; nowhere when all were looked at."""
        last = self.order_ids[-1:]
        if not last or (len(self.queue) < PARKED_MAX and self.queue[-1].order_id == last[0]):
            return ()
        return next(one.turn for one in self.queue if one.order_id == last[0])


async def serve_parked(tx: Tx, events: Sequence[StoredEvent]) -> None:
    """A reaction to stock that landed. At most AT_ONCE orders a turn: who stands behind them is another event."""
    if not await anybody_waits(tx):
        return
    asked: dict[tuple[str, ...], Places] = {}
    for event in events:
        landed = {(ItemId(UUID(item)), LocationId(UUID(at))) for item, at in event.payload["places"]}
        asked.setdefault(tuple(event.payload.get("behind", ())), set()).update(landed)
    for behind in list(asked)[TURNS_AT_ONCE:]:
        availability.look_at_queue(tx, asked.pop(behind), why="there are more", behind=behind)
    turns = [await _turn(tx, behind, landed) for behind, landed in sorted(asked.items())]
    await orders.lock_orders(tx, sorted({order_id for turn in turns for order_id in turn.order_ids}))
    kept: set[ItemId] = set()
    _ = [await _serve_turn(tx, turn, kept) for turn in turns]


async def _serve_turn(tx: Tx, turn: _Turn, kept: set[ItemId]) -> list[bool]:
    """Who of them went on; who stands behind them is told."""
    served = [await _serve(tx, order_id, turn.queue, kept) for order_id in turn.order_ids]
    await _go_behind(tx, turn, kept)
    return served


async def _turn(tx: Tx, behind: tuple[str, ...], landed: Places) -> _Turn:
    return _Turn(behind, landed, await parked_lines(tx, {item for item, _ in landed}, behind=behind))


async def _go_behind(tx: Tx, turn: _Turn, kept: set[ItemId]) -> None:
    """Who stands behind is another event, while anything that landed is left for them. It always ends: it only goes on."""
    if not turn.comes_to:
        return
    stock = await stock_at(tx, {item for item, _ in turn.landed}, {at for _, at in turn.landed})
    left = [at for at in turn.landed if at[0] not in kept and at in stock and stock[at].unclaimed > 0]
    availability.look_at_queue(tx, left, why="there are more", behind=turn.comes_to)


async def look_at(tx: Tx, order: Order, dog: Watchdog) -> Step:
    """The day came on which the customer was to hear of it: look once more, and tell them."""
    promise = await parking.open_news(tx, order.order_id)
    if promise is None:
        await watch.cancel(tx, order.order_id, work_no=dog.work_no, waits_for=dog.waits_for)
        return Step.REST
    await _unless_tossed(tx, order, parking.parked_units(order))
    after = await orders.order(tx, order.order_id)
    if parking.parked_units(after):
        await parking.tell_again(tx, after, promise)
    await ownership.settle(tx, order.order_id)
    return Step.WARN


async def _serve(tx: Tx, order_id: OrderId, queue: Sequence[ParkedLine], kept: set[ItemId]) -> bool:
    """Whether anything of this order went on. `kept`: items that somebody whose day has passed gathers; it grows."""
    mine = [one for one in queue if one.order_id == order_id and one.item_id not in kept]
    order = await orders.order(tx, order_id)
    waits = parking.parked_units(order)
    units = {one.line_no: waits[one.line_no] for one in mine if one.line_no in waits}
    sent = await _unless_tossed(tx, order, units)
    left = [one for one in mine if one.line_no in units and one.line_no not in sent]
    kept |= {one.item_id for one in left if one.due_at <= tx.now}
    return bool(sent)


async def _unless_tossed(tx: Tx, order: Order, units: dict[int, int]) -> set[int]:
    """As `go_on`; nothing of an order that too many gave back, as a person decides about that."""
    if not units or await was_tossed(tx, Loose(order, units, LineState.BACKORDERED, LANDED)):
        return set()
    return await go_on(tx, order, units, cause=LANDED)


async def go_on(tx: Tx, order: Order, units: dict[int, int], *, cause: str) -> set[int]:
    """Lines of which all that waits can be sent now go on; which. The order is locked."""
    loose = Loose(order, units, LineState.BACKORDERED, cause)
    found = [await _send(tx, replace(loose, units=loose.of(method))) for method in loose.methods]
    sent = {line_no for lines in found for line_no in lines}
    if sent:
        await withdraw_if_found(tx, order.order_id, sent)
        await parking.leave(tx, order.order_id, outcome="it was found", proof=OFFERED)
        await ownership.settle(tx, order.order_id)
    return sent


async def _send(tx: Tx, loose: Loose) -> set[int]:
    case = await case_of(tx, loose)
    routed = case.decided()
    if routed.decided.plan.unfilled:
        whole = {n: units for n, units in loose.units.items() if not routed.decided.plan.unfilled.get(n)}
        if not whole:
            return set()
        loose = replace(loose, units=whole)
        case = await case_of(tx, loose)
        routed = case.decided()
    await claim(tx, case, routed)
    places = {place.code: place for place in case.words.senders}
    await carry_out(tx, loose, routed, places)
    _ = [await _tell(tx, loose.order, part) for part in routed.decided.plan.parts]
    return set(loose.units)


async def _tell(tx: Tx, order: Order, part: routing.model.PlannedPart) -> str:
    """The day, told: what comes from where, and when."""
    place = await locations.by_code(tx, part.site)
    day = f"{instant(part.arrives_at).astimezone(place.zone):%A, %-d %B}"
    await say(
        tx,
        order,
        MessageKind.CHOICE_CONFIRMED,
        fact_key=f"found:{part.site}:{order.version}",
        proof=OFFERED,
        location=place,
        choice_words=f"It was found: {place.name} sends it, and it arrives by {day}.",
    )
    return day
