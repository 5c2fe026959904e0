"""Something is missing: other places that have it are held, and the customer is asked before travelling.

Nothing moves without the customer's word. The question is a promise of the kind *answer by*: its facts say what may be
chosen, what is held for each choice, and what happens when no answer comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ambidex.domains import inventory, locations, promises, routing, transfers, watch
from ambidex.domains.locations import Location, LocationKind
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Method, Order
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.choose_sender import Able, choose_sender
from ambidex.flows.promisable import promisable
from ambidex.flows.say import say, unsay
from ambidex.kernel.ids import ItemId
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx

ANSWER_WITHIN = timedelta(hours=24)
PLACES_MAX = 2
PLACES_LOOKED_AT = 25
WAIT, CANCEL = "wait", "cancel"
COLLECT, SEND = "place:", "send:"
NEVER_THERE = "it would never lie ready there"
KEPT_ELSEWHERE = "another place keeps it for this customer already"
DEFAULT = CANCEL
DEFAULT_WORDS = "we cancel what is missing and you get your money back for it."


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about: units by line, the state they wait in, and why."""

    units: Mapping[int, int]
    origin: LineState
    cause_words: str
    work_no: int = 0
    kind: MessageKind = MessageKind.OPTIONS


@dataclass(frozen=True, slots=True)
class Kept:
    """A place that has everything asked about, and the holds there: line, item and hold each."""

    place: Location
    ready_by: datetime
    holds: list[tuple[int, str, str]]

    @property
    def key(self) -> str:
        return f"{COLLECT}{self.place.code}"

    @property
    def words(self) -> str:
        at = f"{self.ready_by.astimezone(self.place.zone):%a %-I:%M %p}"
        return f"Collect at {self.place.name} instead, ready there by {at}"


@dataclass(frozen=True, slots=True)
class Sent:
    """A place that can send it to where the customer collects; it may be one of those that keep it anyway."""

    place: Location
    ready_by: datetime
    holds: list[tuple[int, str, str]]

    @property
    def key(self) -> str:
        return f"{SEND}{self.place.code}"

    def words(self, here: Location) -> str:
        """What the customer reads."""
        at = f"{self.ready_by.astimezone(here.zone):%a %-I:%M %p}"
        return f"Have it sent from {self.place.name} to {here.name}, ready by {at}"


async def propose(
    tx: Tx, order: Order, location: Location, question: Question, *, proof: Sequence[str]
) -> int:
    """Ask the customer, holding what is proposed until the answer is due. The number of the promise.

    A question that is open for the same work is asked anew with the units of both; another item that was offered for
    what waits (offer_item.py) is offered no more.
    """
    question = await _with_open_question(tx, order, question)
    answer_by = tx.now + ANSWER_WITHIN
    kept = await _hold_elsewhere(tx, order, location, question.units, until=answer_by)
    sent = await _hold_to_send(tx, order, location, question.units, kept, until=answer_by)
    facts = _facts(question, location, kept, sent, now=tx.now)
    new = NewPromise(
        order.order_id, PromiseKind.ANSWER_BY, answer_by, question.work_no, location.location_id, facts=facts
    )
    [promise_no] = await promises.make(tx, [new])
    dog = NewWatchdog(order.order_id, WaitsFor.ANSWER, answer_by, question.work_no, location.location_id)
    await watch.arm(tx, [dog])
    await say(
        tx,
        order,
        question.kind,
        fact_key=f"{question.kind.value}:{question.work_no}:{promise_no}",
        proof=proof,
        location=location,
        work_no=question.work_no,
        answer_by=answer_by,
        items=_items(order, question.units),
        **{name: facts[name] for name in ("options", "default_words", "cause_words")},
    )
    await ownership.settle(tx, order.order_id)
    return promise_no


async def let_holds_go(tx: Tx, promise: Promise, *, but: str = "") -> None:
    """Release what was held for the choices that were not taken."""
    kept = {hold for _, _, hold in promise.facts["holds"].get(but, ())}
    held = {hold: item for holds in promise.facts["holds"].values() for _, item, hold in holds}
    _ = [
        await inventory.release_hold(tx, ItemId(UUID(item)), UUID(hold))
        for hold, item in held.items()
        if hold not in kept
    ]


async def unsay_offer(tx: Tx, order: Order, promise: Promise, *, reason: str) -> None:
    """Another item that was offered (offer_item.py) is offered no more, and who read it hears so."""
    title = promise.facts["instead"]["title"]
    await unsay(
        tx, order, [MessageKind.OPTIONS], reason=reason, proof=("promises.released",),
        correction=f"We cannot offer you {title} any more, sorry. We keep looking for what you bought.",
        fact_key=f"offer-withdrawn:{promise.promise_no}",
    )  # fmt: skip


def sold_key(order: Order, place: Location) -> str:
    """The key of what a person was asked when an order came in that its place could not meet."""
    return f"short-at-arrival:{order.order_id.hex}:{place.code}"


def units_of(promise: Promise) -> dict[int, int]:
    """The units a question is about, by line."""
    return {int(line_no): count for line_no, count in promise.facts["units"].items()}


async def _with_open_question(tx: Tx, order: Order, question: Question) -> Question:
    found = await promises.open_promises(
        tx, order.order_id, work_no=question.work_no, kind=PromiseKind.ANSWER_BY
    )
    if not found:
        return question
    await let_holds_go(tx, found[0])
    await promises.release(
        tx, order.order_id, work_no=question.work_no, kind=PromiseKind.ANSWER_BY, cause="asked anew"
    )
    if "instead" in found[0].facts:
        await unsay_offer(tx, order, found[0], reason="something else is asked")
        return question
    together = Counter(units_of(found[0]))
    together.update(question.units)
    return Question(dict(together), question.origin, question.cause_words, question.work_no, question.kind)


async def _hold_elsewhere(
    tx: Tx, order: Order, location: Location, units: Mapping[int, int], *, until: datetime
) -> list[Kept]:
    wanted = _items_of(order, units)
    near = [p for p in await locations.near(tx, location) if p.hands_over()][:PLACES_LOOKED_AT]
    open_ones = [p for p in near if _can_prepare(p, tx.now)]
    chosen = await _that_have(tx, order, open_ones, wanted)
    chosen = chosen[:PLACES_MAX]
    await inventory.lock_stock(tx, [(item, p.location_id) for p in chosen for item in wanted])
    return [
        Kept(
            place,
            promises.plan(place.hours, now=tx.now).due_at,
            await _hold_all(tx, order, place, units, until=until),
        )
        for place in await _that_have(tx, order, chosen, wanted)
    ]


async def _hold_to_send(
    tx: Tx,
    order: Order,
    here: Location,
    units: Mapping[int, int],
    kept: Sequence[Kept],
    *,
    until: datetime,
) -> Sent | None:
    """Who sends it here: the engine's choice of those that keep it already, else of other stores and warehouses."""
    if not here.hands_over() or not _is_pickup(order, units):
        return None
    wanted = _items_of(order, units)
    able = await _able_to_send(tx, order, here, kept, wanted)
    if not able.places:
        return None
    chosen = await choose_sender(tx, order, here, units, able)
    if chosen is None:
        return None
    place, receipt = chosen
    holds = next((one.holds for one in kept if one.place.code == place.code), None)
    if holds is None:
        await inventory.lock_stock(tx, [(item, place.location_id) for item in wanted])
        if not await _that_have(tx, order, [place], wanted):
            return None
        holds = await _hold_all(tx, order, place, units, until=until)
    await routing.record(tx, [receipt])
    there = ready_by(place, here, now=tx.now)
    assert there is not None, "only those were asked that can"
    return Sent(place, there, holds)


async def _able_to_send(
    tx: Tx, order: Order, here: Location, kept: Sequence[Kept], wanted: Mapping[ItemId, int]
) -> Able:
    """Stores near and warehouses, and what each may give; who can not get it there, or need not, is named with the reason."""
    warehouses = await locations.page(tx, kind=LocationKind.WAREHOUSE.value, limit=PLACES_LOOKED_AT)
    near = [*(await locations.near(tx, here))[:PLACES_LOOKED_AT], *warehouses.items]
    places = list({place.code: place for place in (*(one.place for one in kept), *near)}.values())
    out = {place.code: NEVER_THERE for place in places if ready_by(place, here, now=tx.now) is None}
    keeping = {one.place.code for one in kept} - out.keys()
    if keeping:
        out |= {place.code: KEPT_ELSEWHERE for place in places if place.code not in keeping | out.keys()}
    left = (await promisable(tx, order.channel, items=wanted, places=places)).left
    mine = {(item, one.place.location_id): n for one in kept for item, n in wanted.items()}
    return Able(places, out, {at: left.get(at, 0) + mine.get(at, 0) for at in left.keys() | mine.keys()})


def ready_by(sender: Location, receiver: Location, *, now: datetime) -> datetime | None:
    """When goods sent from there can lie ready; None when one of the places does not open for long enough."""
    there = sent_at(sender, receiver, now=now)
    if there is None or receiver.hours.after_open_time(there, promises.DEFAULT_POLICY.ready_within) is None:
        return None
    return promises.plan(receiver.hours, now=there).due_at


def sent_at(sender: Location, receiver: Location, *, now: datetime) -> datetime | None:
    """When goods asked for now arrive; None when one of the places never opens again."""
    km = locations.distance_km(sender, receiver)
    return transfers.arrives_at(sender.hours, receiver.hours, km=km, now=now)


def _is_pickup(order: Order, units: Mapping[int, int]) -> bool:
    return all(line.method is Method.PICKUP for line in order.lines if line.line_no in units)


def _items_of(order: Order, units: Mapping[int, int]) -> Counter[ItemId]:
    items = {line.line_no: line.item_id for line in order.lines}
    wanted: Counter[ItemId] = Counter()
    for line_no, count in units.items():
        wanted[items[line_no]] += count
    return wanted


async def _hold_all(
    tx: Tx, order: Order, place: Location, units: Mapping[int, int], *, until: datetime
) -> list[tuple[int, str, str]]:
    items = {line.line_no: line.item_id for line in order.lines}
    return [
        (n, str(items[n]), str(await _hold(tx, order, place, (n, items[n], count), until)))
        for n, count in sorted(units.items())
    ]


def _can_prepare(place: Location, now: datetime) -> bool:
    """Whether it opens for long enough, ever again."""
    return place.hours.after_open_time(now, promises.DEFAULT_POLICY.ready_within) is not None


async def _that_have(
    tx: Tx, order: Order, places: Sequence[Location], wanted: Mapping[ItemId, int]
) -> list[Location]:
    if not places:
        return []
    left = (await promisable(tx, order.channel, items=wanted, places=places)).left
    return [
        place
        for place in places
        if all(left.get((item, place.location_id), 0) >= count for item, count in wanted.items())
    ]


async def _hold(
    tx: Tx, order: Order, place: Location, unit: tuple[int, ItemId, int], until: datetime
) -> UUID:
    line_no, item_id, count = unit
    may = await promisable(tx, order.channel, items=[item_id], places=[place])
    return await inventory.hold(
        tx,
        item_id=item_id,
        location_id=place.location_id,
        quantity=count,
        order_id=order.order_id,
        line_no=line_no,
        purpose="held alternative",
        expires_at=until,
        kept=may.kept,
    )


def _facts(
    question: Question, location: Location, kept: Sequence[Kept], sent: Sent | None, *, now: datetime
) -> dict[str, Any]:
    choices = [{"key": one.key, "words": one.words} for one in kept]
    holds = {one.key: one.holds for one in kept}
    if sent is not None:
        choices.append({"key": sent.key, "words": sent.words(location)})
        holds[sent.key] = sent.holds
    if _can_prepare(location, now):
        choices.append({"key": WAIT, "words": f"Wait: {location.name} keeps looking and tells you"})
    choices.append({"key": CANCEL, "words": "Cancel what is missing and get the money back"})
    return {
        "options": choices,
        "default": DEFAULT,
        "default_words": DEFAULT_WORDS,
        "cause_words": question.cause_words,
        "units": {str(line_no): count for line_no, count in question.units.items()},
        "origin": question.origin.value,
        "holds": holds,
    }


def _items(order: Order, units: Mapping[int, int]) -> list[dict[str, Any]]:
    return [
        {"name": line.title, "quantity": units[line.line_no]} for line in order.lines if line.line_no in units
    ]
