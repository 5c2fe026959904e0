"""Customers are told what is true, once: decide (still true? lease it), do (give it to the carrier), record.

The decision locks the order first, as every change of the order does. So a cancellation either comes before a letter is
begun, and it is withdrawn, or after that, and finds it on its way: then it owes a correction (messages.retract). A letter
is marked as begun, with the few others that go with it, before the mail server hears of it: if the program ends, what was
not begun is given back, and only what was is asked about.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog

from ambidex.domains import messages, orders, promises
from ambidex.domains.messages import Attempt, Carrier, Letter, Message, MessageKind, Outcome
from ambidex.domains.promises import PromiseKind
from ambidex.flows import customer_facts, ownership
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import OrderId, child_id
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass, field
from ambidex.reads import truth
from ambidex.runtime import crash
from ambidex.runtime.db import Tx
from ambidex.runtime.faults import is_passing, words
from ambidex.runtime.perform import Run

# letters of one beat: more while the mail server is quick, because a lease is short
AT_ONCE, AT_ONCE_MAX, QUICK = 24, 48, timedelta(seconds=2)
# so many are on their way at a time; none begins when most of the time for that is over
ON_THE_WAY, BEGUN_WITHIN = 8, timedelta(seconds=15)
# answers of so long are written down together; a slow one keeps no other waiting
GATHER_SECONDS = 0.2
# the database may be away while letters are: what became of them is kept so long, and tried to be written so often
WRITE_TRIES, AGAIN_SECONDS = 20, 1.0
MOVED_ON = "message-moved-on"
CORRECTS = frozenset({MessageKind.CORRECTION, MessageKind.CANCELED})
log = structlog.get_logger("ambidex.tell_customer")


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words."""

    message: Message
    letter: Letter


@dataclass(frozen=True, slots=True)
class Tried:
    """A letter and what became of it."""

    message: Message
    letter: Letter
    attempt: Attempt


class Pace:
    """How many letters a beat takes."""

    most = AT_ONCE

    def took(self, letters: int, time: timedelta) -> None:
        """Twice as many the next time when that many were quick, as few as at first when they were not."""
        if time > QUICK:
            self.most = AT_ONCE
        elif letters == self.most:
            self.most = min(2 * self.most, AT_ONCE_MAX)


@dataclass(frozen=True)
class Telling:
    """How customers are reached: the carrier, where links lead, the shop's name, and the key that links and codes are made with."""

    run: Run
    carrier: Carrier
    base_url: str
    brand: str
    key: bytes
    again_seconds: float = AGAIN_SECONDS
    _pace: Pace = field(default_factory=Pace, repr=False, compare=False)

    async def send_due(self) -> int:
        """Send what is due and still true; how many were tried. One call is one beat of the worker.

        A few travel together; what has been answered is written down as a list, and what goes next is begun with that.
        """
        began = self.run.clock()
        leased = await self.run.perform(SYSTEM, lease_true, most=self._pace.most)
        crash.point("message-leased")
        await self._send(deque(leased), until=began + BEGUN_WITHIN)
        self._pace.took(len(leased), self.run.clock() - began)
        return len(leased)

    async def settle_lost(self) -> int:
        """Look after messages whose sender died: what it never began waits again, the rest is asked about; how many there were."""
        left = await self.run.perform(SYSTEM, messages.Sending.left_behind)
        async with self.run.reading() as read:
            lost = await messages.Sending.lost(read)
        for message in lost:
            letter = await self._letter_or_call(message)
            if letter is None:
                continue
            arrived = await self.carrier.arrived(key_of(message))
            await self.run.perform(SYSTEM, settle, message=message, letter=letter, arrived=arrived)
        return left + len(lost)

    async def letter(self, message: Message) -> Letter:
        """The words of a message, with the link and code that only the key can make."""
        if message.kind in customer_facts.WITH_CODE:
            async with self.run.reading() as read:
                facts = await customer_facts.with_code(read, message, key=self.key)
        else:
            facts = customer_facts.with_link(message, key=self.key)
        return messages.render(message.kind, facts, base_url=self.base_url, brand=self.brand)

    async def _send(self, waiting: deque[Message], *, until: datetime) -> None:
        going: set[asyncio.Task[Tried]] = set()
        answered: set[asyncio.Task[Tried]] = set()
        try:
            while waiting or going or answered:
                late = [waiting.popleft() for _ in range(len(waiting))] if self.run.clock() > until else []
                ready = await self._written(waiting, most=ON_THE_WAY - len(going))
                for one in await self._turn(answered, ready, late=late):
                    going.add(asyncio.create_task(self._carry(one), name="letter"))
                answered = set()
                if going:
                    answered, going = await asyncio.wait(going, timeout=GATHER_SECONDS)
        finally:
            if going:
                await asyncio.wait(going)

    async def _written(self, waiting: deque[Message], *, most: int) -> list[Written]:
        """The next of them in words; others of this program get their turn between two."""
        ready: list[Written] = []
        while waiting and len(ready) < most:
            message = waiting.popleft()
            letter = await self._letter_or_call(message)
            if letter is not None:
                ready.append(Written(message, letter))
            await asyncio.sleep(0)
        return ready

    async def _letter_or_call(self, message: Message) -> Letter | None:
        """The words; None when there are none: then somebody calls, and nobody else's letter waits for it."""
        try:
            return await self.letter(message)
        except messages.NothingToSay as cause:
            await self.run.perform(SYSTEM, cannot_say, message=message, reason=words(cause))
            return None

    async def _turn(
        self, answered: Iterable[asyncio.Task[Tried]], ready: Sequence[Written], *, late: Sequence[Message]
    ) -> list[Written]:
        """Write down what became of letters and begin the next ones together; when that fails each by itself.

        What cannot be written is settled when its lease has run out.
        """
        tried = [task.result() for task in answered if not _failed(task)]
        if not (tried or ready or late):
            return []
        begun = await self._begun(tried, ready, late)
        if begun is None:
            _ = [await self._begun([one], (), ()) for one in tried]
            begun = await self._begun((), ready, late) if tried else None
        return begun or []

    async def _begun(
        self, tried: Sequence[Tried], ready: Sequence[Written], late: Sequence[Message]
    ) -> list[Written] | None:
        """Those that may go to the carrier now; None when it could not be written down."""
        for attempt in range(WRITE_TRIES):
            try:
                return await self.run.perform(SYSTEM, turn, tried=tried, ready=ready, late=late)
            except Exception as fault:
                if not is_passing(fault):
                    log.exception("cannot-record", keys=[key_of(one.message) for one in tried])
                    return None
                if attempt == WRITE_TRIES - 1:
                    raise
                await asyncio.sleep(self.again_seconds)
        raise AssertionError("the last try raises or returns")

    async def _carry(self, one: Written) -> Tried:
        message = one.message
        crash.point("message-before-carry")
        attempt = await self.carrier.carry(
            one.letter,
            to=str(message.facts.get("email", "")),
            to_name=str(message.facts.get("name", "")),
            key=key_of(message),
        )
        crash.point("message-after-carry")
        log.info("tried", kind=message.kind, outcome=attempt.outcome)
        return Tried(message, one.letter, attempt)


def _failed(task: asyncio.Task[Tried]) -> bool:
    """Nobody knows what became of this letter: its lease runs out, and then the carrier is asked."""
    fault = task.exception()
    if fault is not None:
        log.error("cannot-carry", exc_info=fault)
    return fault is not None


def key_of(message: Message) -> str:
    """Our key of one message, the same for ever."""
    return f"{child_id(message.order_id, message.message_no)}.{message.kind}"


async def lease_true(tx: Tx, *, most: int) -> list[Message]:
    """Lock orders with something due, withdraw what is no longer true, lease the rest."""
    waiting = await messages.due_orders(tx, most=most)
    locked: Sequence[OrderId] = await orders.lock_orders(tx, waiting, skip_busy=True)
    leased = await messages.Sending.take(tx, locked) if locked else []
    untrue = await truth.no_longer_true(tx, leased)
    await messages.withdraw(tx, leased, reasons=untrue)
    return [message for place, message in enumerate(leased) if place not in untrue]


async def turn(
    tx: Tx, *, tried: Sequence[Tried], ready: Sequence[Written], late: Sequence[Message]
) -> list[Written]:
    """Write down what became of attempts, give back what is too late to begin, and begin the next: those that may go."""
    await record(tx, tried=tried)
    await messages.Sending.give_back(tx, late)
    begun = await messages.Sending.begin(tx, [one.message for one in ready])
    still = {(message.order_id, message.message_no) for message in begun}
    return [one for one in ready if (one.message.order_id, one.message.message_no) in still]


async def record(tx: Tx, *, tried: Sequence[Tried]) -> None:
    """Write down what became of attempts; what needs a person gets one. What moved on meanwhile is left as it is."""
    taken = [one for one in tried if one.attempt.outcome is Outcome.TAKEN]
    await _told(tx, [(one.message, one.letter) for one in taken])
    _ = [await _record_failed(tx, one) for one in tried if one.attempt.outcome is not Outcome.TAKEN]


async def _record_failed(tx: Tx, one: Tried) -> bool:
    """Whether it was still ours to settle."""
    try:
        await _record_untold(tx, one)
    except Problem as problem:
        if problem.code != MOVED_ON:
            raise
        log.info("settled-elsewhere", key=key_of(one.message))
        return False
    return True


async def _record_untold(tx: Tx, one: Tried) -> None:
    match one.attempt.outcome:
        case Outcome.TRY_AGAIN:
            await _try_again(tx, one.message, reason=one.attempt.answer)
        case Outcome.REFUSED:
            await messages.failed(tx, one.message, reason=one.attempt.answer)
            await _call_instead(tx, one.message, "The e-mail was refused; the customer does not know yet.")
        case Outcome.UNKNOWN:
            await _lose_sight(tx, one.message, one.letter, one.attempt.answer)


async def cannot_say(tx: Tx, *, message: Message, reason: str) -> None:
    """No letter can be made of these facts: a person tells the customer."""
    await messages.failed(tx, message, reason=reason)
    await _call_instead(tx, message, "The letter could not be written; the customer does not know yet.")


async def settle(tx: Tx, *, message: Message, letter: Letter, arrived: bool | None) -> None:
    """Settle a message whose sender died: the carrier knows, or a person looks."""
    if arrived is True:
        await _told(tx, [(message, letter)])
    elif arrived is False:
        await _try_again(tx, message, reason="the sender stopped before the carrier had it")
    else:
        await _lose_sight(tx, message, letter, "the sender stopped while sending")


async def _told(tx: Tx, told: Sequence[tuple[Message, Letter]]) -> None:
    """The customers have it; a correction that was owed is kept by it."""
    sent = await messages.sent(tx, [(message, letter, key_of(message)) for message, letter in told])
    _ = [await _corrected(tx, message) for message in sent if message.kind in CORRECTS]


async def _corrected(tx: Tx, message: Message) -> bool:
    return await promises.keep(
        tx,
        message.order_id,
        kind=PromiseKind.CORRECTION_BY,
        work_no=message.work_no,
        proof=(key_of(message),),
    )


async def _try_again(tx: Tx, message: Message, *, reason: str) -> None:
    if not await messages.try_again(tx, message, reason=reason):
        await _call_instead(tx, message, "The e-mail was tried in vain; the customer does not know yet.")


async def _lose_sight(tx: Tx, message: Message, letter: Letter, reason: str) -> None:
    await messages.lost_sight(tx, message, letter=letter, provider_key=key_of(message), reason=reason)
    await _call_instead(tx, message, "Nobody knows whether the e-mail arrived. Look, or call the customer.")


async def _call_instead(tx: Tx, message: Message, detail: str) -> None:
    await ownership.hand_to_person(
        tx,
        order_id=message.order_id,
        kind="message-not-sent",
        cause="system",
        title=f"Tell the customer: {message.kind}",
        detail=detail,
        key=f"message:{key_of(message)}",
        role="agent",
    )
