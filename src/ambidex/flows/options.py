"""Something is missing: other places that have it are held, and the customer is asked before travelling.

Nothing moves without the customer's word. The question is a promise of the kind *answer by*: its facts say what may be
chosen, what is held for each choice, and what happens when no answer comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from ambidex.domains import inventory, locations, promises, watch
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind
from ambidex.domains.orders import LineState, Order
from ambidex.domains.promises import NewPromise, Promise, PromiseKind
from ambidex.domains.watch import NewWatchdog, WaitsFor
from ambidex.flows import ownership
from ambidex.flows.say import say
from ambidex.kernel.ids import ItemId
from ambidex.runtime.db import Tx

ANSWER_WITHIN = timedelta(hours=24)
PLACES_MAX = 2
PLACES_LOOKED_AT = 25
WAIT, CANCEL = "wait", "cancel"
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
        return f"place:{self.place.code}"

    @property
    def words(self) -> str:
        at = f"{self.ready_by.astimezone(self.place.zone):%a %-I:%M %p}"
        return f"Collect at {self.place.name} instead, ready there by {at}"


async def propose(
    tx: Tx, order: Order, location: Location, question: Question, *, proof: Sequence[str]
) -> int:
    """Ask the customer, holding what is proposed until the answer is due. The number of the promise.

    A question that is open for the same work is asked anew with the units of both.
    """
    question = await _with_open_question(tx, order, question)
    answer_by = tx.now + ANSWER_WITHIN
    kept = await _hold_elsewhere(tx, order, location, question.units, until=answer_by)
    facts = _facts(question, location, kept, now=tx.now)
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
    held = [hold for key, holds in promise.facts["holds"].items() if key != but for hold in holds]
    _ = [await inventory.release_hold(tx, ItemId(UUID(item)), UUID(hold)) for _, item, hold in held]


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
    together = Counter(units_of(found[0]))
    together.update(question.units)
    return Question(dict(together), question.origin, question.cause_words, question.work_no, question.kind)


async def _hold_elsewhere(
    tx: Tx, order: Order, location: Location, units: Mapping[int, int], *, until: datetime
) -> list[Kept]:
    items = {line.line_no: line.item_id for line in order.lines}
    wanted: Counter[ItemId] = Counter()
    for line_no, count in units.items():
        wanted[items[line_no]] += count
    near = [p for p in await locations.near(tx, location) if p.hands_over()][:PLACES_LOOKED_AT]
    open_ones = [p for p in near if _can_prepare(p, tx.now)]
    chosen = await _that_have(tx, open_ones, wanted)
    chosen = chosen[:PLACES_MAX]
    await inventory.lock_stock(tx, [(item, p.location_id) for p in chosen for item in wanted])
    return [
        Kept(
            place,
            promises.plan(place.hours, now=tx.now).due_at,
            [
                (n, str(items[n]), str(await _hold(tx, order, place, (n, items[n], count), until)))
                for n, count in sorted(units.items())
            ],
        )
        for place in await _that_have(tx, chosen, wanted)
    ]


def _can_prepare(place: Location, now: datetime) -> bool:
    """Whether it opens for long enough, ever again."""
    return place.hours.after_open_time(now, promises.DEFAULT_POLICY.ready_within) is not None


async def _that_have(tx: Tx, places: Sequence[Location], wanted: Mapping[ItemId, int]) -> list[Location]:
    if not places:
        return []
    left = await inventory.available(tx, wanted, [p.location_id for p in places])
    return [
        place
        for place in places
        if all(left.get((item, place.location_id), 0) >= count for item, count in wanted.items())
    ]


async def _hold(
    tx: Tx, order: Order, place: Location, unit: tuple[int, ItemId, int], until: datetime
) -> UUID:
    line_no, item_id, count = unit
    return await inventory.hold(
        tx,
        item_id=item_id,
        location_id=place.location_id,
        quantity=count,
        order_id=order.order_id,
        line_no=line_no,
        purpose="held alternative",
        expires_at=until,
    )


def _facts(question: Question, location: Location, kept: Sequence[Kept], *, now: datetime) -> dict[str, Any]:
    choices = [{"key": one.key, "words": one.words} for one in kept]
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
        "holds": {one.key: one.holds for one in kept},
    }


def _items(order: Order, units: Mapping[int, int]) -> list[dict[str, Any]]:
    return [
        {"name": line.title, "quantity": units[line.line_no]} for line in order.lines if line.line_no in units
    ]
