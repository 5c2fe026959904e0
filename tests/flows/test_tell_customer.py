"""Customers are told what is still true, once; what cannot be known goes to a person."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import repeat
from typing import Any

from sqlalchemy import text

from ambidex.domains import messages
from ambidex.domains.messages import Attempt, Letter, Message, Outcome
from ambidex.flows.cancel import cancel
from ambidex.flows.tell_customer import ON_THE_WAY, Pace, Telling, lease_true, turn
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.values import replace
from ambidex.runtime.perform import Run
from tests.conftest import Clock
from tests.flows.counter import CODES, counter
from tests.rigs.message_truth import Readers
from tests.shop import Shop


class Answering(Readers):
    """A carrier that answers every letter the same way."""

    def __init__(self, outcome: Outcome, *, known: bool | None = None) -> None:
        super().__init__(random.Random(1))
        self.outcome = outcome
        self.known = known
        self.letters: list[Letter] = []
        self.answers: Iterator[str] = repeat("as told")

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        await super().carry(letter, to=to, to_name=to_name, key=key)
        self.letters.append(letter)
        return Attempt(self.outcome, next(self.answers))

    async def arrived(self, key: str) -> bool | None:
        return self.known


def telling(run: Run, carrier: Answering) -> Telling:
    return Telling(
        run=run, carrier=carrier, base_url="https://shop.example", brand="Marrow & Finch", key=CODES.key
    )


async def drained(run: Run, carrier: Answering) -> None:
    for _ in range(10):
        if not await telling(run, carrier).send_due():
            return


async def test_ready_is_told_once_with_code_and_link_that_are_stored_nowhere(run: Run, shop: Shop) -> None:
    await (await counter(shop, stock=9, mug_01=1)).until_ready()
    carrier = Answering(Outcome.TAKEN)
    await drained(run, carrier)
    await drained(run, carrier)

    assert await shop.said() == [("confirmed", "sent"), ("ready", "sent")]
    ready = carrier.letters[1]
    code = ready.plain.split("Your code: ")[1].split(".")[0]
    async with run.reading() as read:
        stored = await read.value(text("SELECT string_agg(m::text, '') FROM messages.messages m"))
    assert len(code.replace(" ", "").replace("-", "")) == 8
    assert code not in stored
    assert "/o/" in ready.plain
    assert "/o/" not in stored


async def test_one_letter_of_an_order_at_a_time_in_order(run: Run, shop: Shop) -> None:
    await (await counter(shop, stock=9, mug_01=1)).until_ready()
    leased = await run.perform(SYSTEM, lease_true, most=10)
    assert [message.kind for message in leased] == ["confirmed"]


async def test_what_became_untrue_is_withdrawn_not_sent(run: Run, shop: Shop) -> None:
    story = await counter(shop, stock=9, mug_01=1)
    await story.until_ready()
    async with run.reading() as read:
        await read.connection.execute(
            text("UPDATE fulfillment.work SET state = 'staged' WHERE order_id = :order"),
            {"order": story.order_id},
        )
    carrier = Answering(Outcome.TAKEN)
    await drained(run, carrier)
    assert await shop.said() == [("confirmed", "sent"), ("ready", "withdrawn")]
    assert len(carrier.letters) == 1


async def test_a_busy_carrier_is_tried_again_later(run: Run, shop: Shop, clock: Clock) -> None:
    await counter(shop, stock=9, mug_01=1)
    await telling(run, Answering(Outcome.TRY_AGAIN)).send_due()
    assert await shop.said() == [("confirmed", "queued")]
    assert await telling(run, Answering(Outcome.TAKEN)).send_due() == 0
    clock.forward(minutes=2)
    assert await telling(run, Answering(Outcome.TAKEN)).send_due() == 1
    assert await shop.said() == [("confirmed", "sent")]


async def test_letters_behind_one_that_is_tried_later_take_nobodys_place(
    run: Run, shop: Shop, clock: Clock
) -> None:
    """A mail server that puts off some addresses for hours keeps nobody else waiting, however many they are."""
    await (await counter(shop, stock=9, mug_01=1)).until_ready()
    await telling(run, Answering(Outcome.TRY_AGAIN)).send_due()
    clock.forward(seconds=1)
    other = await counter(shop, stock=9, mug_01=1)
    clock.forward(seconds=1)
    leased = await run.perform(SYSTEM, lease_true, most=1)
    assert [message.order_id for message in leased] == [other.order_id]
    assert await shop.said() == [("confirmed", "queued"), ("ready", "queued"), ("confirmed", "sending")]


async def test_a_refused_letter_becomes_a_call(run: Run, shop: Shop) -> None:
    await counter(shop, stock=9, mug_01=1)
    await telling(run, Answering(Outcome.REFUSED)).send_due()
    assert await shop.said() == [("confirmed", "failed")]
    assert await calls(run) == [("agent", "Tell the customer: confirmed")]


async def test_an_unknown_outcome_is_never_sent_again_blindly(run: Run, shop: Shop, clock: Clock) -> None:
    await counter(shop, stock=9, mug_01=1)
    await telling(run, Answering(Outcome.UNKNOWN)).send_due()
    clock.forward(hours=5)
    again = Answering(Outcome.TAKEN)
    assert await telling(run, again).send_due() == 0
    assert await telling(run, again).settle_lost() == 0
    assert await shop.said() == [("confirmed", "unknown")]
    assert len(await calls(run)) == 1


async def test_a_sender_that_died_is_settled_by_what_the_carrier_knows(
    run: Run, shop: Shop, clock: Clock
) -> None:
    for known, state in ((True, "sent"), (False, "queued"), (None, "unknown")):
        await counter(shop, stock=9, mug_01=1)
        await begun(run)
        clock.forward(minutes=2)
        assert await telling(run, Answering(Outcome.TAKEN, known=known)).settle_lost() == 1
        assert (await shop.said())[-1] == ("confirmed", state)
        await drained(run, Answering(Outcome.TAKEN))


async def begun(run: Run) -> list[Message]:
    """A sender took what is due, and it was about to begin all of it."""
    leased = await run.perform(SYSTEM, lease_true, most=10)
    return await run.perform(SYSTEM, messages.Sending.begin, leased)


async def test_what_a_sender_that_died_never_began_waits_again_and_nobody_is_asked(
    run: Run, shop: Shop, clock: Clock
) -> None:
    for _ in range(3):
        await counter(shop, stock=9, mug_01=1)
    leased = await run.perform(SYSTEM, lease_true, most=10)
    await run.perform(SYSTEM, messages.Sending.begin, leased[:1])
    next_one = Answering(Outcome.TAKEN)
    assert await telling(run, next_one).settle_lost() == 0, "its sender may live"
    clock.forward(seconds=25)
    assert await telling(run, next_one).settle_lost() == 2
    assert await telling(run, next_one).send_due() == 2
    clock.forward(minutes=1)
    assert await telling(run, next_one).settle_lost() == 1
    assert sorted(state for _, state in await shop.said()) == ["sent", "sent", "unknown"]
    assert len(next_one.letters) == 2
    assert len(await calls(run)) == 1


async def test_a_sender_that_was_slow_begins_nothing_that_was_given_back(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await counter(shop, stock=9, mug_01=1)
    leased = await run.perform(SYSTEM, lease_true, most=10)
    clock.forward(seconds=25)
    assert await run.perform(SYSTEM, messages.Sending.begin, leased) == []
    await telling(run, Answering(Outcome.TAKEN)).settle_lost()
    await run.perform(SYSTEM, lease_true, most=10)
    assert await run.perform(SYSTEM, messages.Sending.begin, leased) == [], "another sender has it"


async def test_who_does_not_know_whether_it_began_a_letter_begins_it_again(run: Run, shop: Shop) -> None:
    await counter(shop, stock=9, mug_01=1)
    leased = await begun(run)
    assert await run.perform(SYSTEM, messages.Sending.begin, leased) == leased
    await run.perform(SYSTEM, messages.Sending.give_back, leased)
    assert await shop.said() == [("confirmed", "sending")], "what was begun is not given back"


async def test_what_was_taken_and_not_begun_is_withdrawn_when_it_is_untrue_by_then(
    run: Run, shop: Shop
) -> None:
    story = await counter(shop, stock=9, mug_01=1)
    await story.until_ready()
    await drained_once(run)
    [ready] = leased = await run.perform(SYSTEM, lease_true, most=10)
    await run.perform(SYSTEM, cancel, story.order_id, reason="no need")
    assert await run.perform(SYSTEM, messages.Sending.begin, leased) == []
    assert ready.kind == "ready"
    assert (await shop.said())[1] == ("ready", "withdrawn")
    assert "correction" not in [kind for kind, _ in await shop.said()]
    async with run.reading() as read:
        owed = await read.value(text("SELECT count(*) FROM promises.promises WHERE kind = 'correction_by'"))
    assert owed == 0


async def drained_once(run: Run) -> None:
    await telling(run, Answering(Outcome.TAKEN)).send_due()


async def test_a_letter_that_cannot_be_written_becomes_a_call_and_holds_up_nobody(
    run: Run, shop: Shop, clock: Clock
) -> None:
    await counter(shop, stock=9, mug_01=1)
    await begun(run)
    async with run.reading() as read:
        await read.connection.execute(text("UPDATE messages.messages SET facts = facts - 'number'"))
    await counter(shop, stock=9, mug_01=1)
    assert await telling(run, Answering(Outcome.TAKEN)).send_due() == 1
    clock.forward(minutes=2)
    assert await telling(run, Answering(Outcome.TAKEN)).settle_lost() == 1
    assert ("agent", "Tell the customer: confirmed") in await calls(run)
    assert await telling(run, Answering(Outcome.TAKEN)).settle_lost() == 0


async def calls(run: Run) -> list[tuple[str, str]]:
    async with run.reading() as read:
        rows = await read.all(text("SELECT role, title FROM tasks.tasks ORDER BY opened_at"))
    return [(row.role, row.title) for row in rows]


class Failing(Answering):
    """A carrier with a fault: its first letter raises."""

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        if not self.letters:
            self.letters.append(letter)
            raise LookupError("no such mailbox")
        return await super().carry(letter, to=to, to_name=to_name, key=key)


async def test_a_fault_with_one_letter_loses_no_outcome_of_the_others(
    run: Run, shop: Shop, clock: Clock
) -> None:
    for _ in range(3):
        await counter(shop, stock=9, mug_01=1)
    assert await telling(run, Failing(Outcome.TAKEN)).send_due() == 3
    assert sorted(state for _, state in await shop.said()) == ["sending", "sent", "sent"]
    clock.forward(minutes=2)
    await telling(run, Answering(Outcome.TAKEN, known=False)).settle_lost()
    assert sorted(state for _, state in await shop.said()) == ["queued", "sent", "sent"]


async def test_an_outcome_that_cannot_be_written_down_loses_no_other(run: Run, shop: Shop) -> None:
    for _ in range(3):
        await counter(shop, stock=9, mug_01=1)
    carrier = Answering(Outcome.REFUSED)
    carrier.answers = iter(["as told", "\0", "as told"])
    await telling(run, carrier).send_due()
    assert sorted(state for _, state in await shop.said()) == ["failed", "failed", "sending"]


def blinking(run: Run, away: list[Exception]) -> Run:
    """A database that is away so often when somebody writes down what became of letters."""

    class Blinking(Run):
        async def perform(self, actor: Any, command: Any, *args: Any, **asked: Any) -> Any:
            if command is turn and asked["tried"] and away:
                raise away.pop()
            return await super().perform(actor, command, *args, **asked)

    return Blinking(run.database, run.clock)


async def test_letters_that_left_while_the_database_was_away_are_written_down_when_it_is_back(
    run: Run, shop: Shop
) -> None:
    for _ in range(ON_THE_WAY + 1):
        await counter(shop, stock=20, mug_01=1)
    carrier = Answering(Outcome.TAKEN)
    away: list[Exception] = [ConnectionResetError(), ConnectionResetError()]
    sender = replace(telling(blinking(run, away), carrier), again_seconds=0.01)
    assert await sender.send_due() == ON_THE_WAY + 1
    assert not away
    assert [state for _, state in await shop.said()] == ["sent"] * (ON_THE_WAY + 1)


class Slow(Answering):
    """A mail server that takes half a minute for each letter."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(Outcome.TAKEN)
        self.clock = clock

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        await asyncio.sleep(0.01)
        self.clock.forward(seconds=30)
        return await super().carry(letter, to=to, to_name=to_name, key=key)


async def test_what_a_slow_mail_server_was_not_given_goes_back_while_the_lease_is_ours(
    run: Run, shop: Shop, clock: Clock
) -> None:
    for _ in range(ON_THE_WAY + 3):
        await counter(shop, stock=20, mug_01=1)
    slow = Slow(clock)
    assert await telling(run, slow).send_due() == ON_THE_WAY + 3
    assert len(slow.letters) == ON_THE_WAY
    assert sorted(state for _, state in await shop.said()) == ["queued"] * 3 + ["sent"] * ON_THE_WAY


def test_more_letters_a_beat_while_they_are_quick_and_few_again_when_not() -> None:
    pace = Pace()
    for letters, seconds, most in [
        (20, 1, 24),
        (24, 1, 48),
        (20, 1, 48),
        (48, 1, 48),
        (48, 3, 24),
    ]:
        pace.took(letters, timedelta(seconds=seconds))
        assert pace.most == most
