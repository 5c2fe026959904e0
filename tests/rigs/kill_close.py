"""The end of the kill rig: let everything that was begun finish, then hold the answers against the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from ambidex.domains.messages import Attempt, Carrier, Letter
from ambidex.entry.audit import audit
from ambidex.flows.reactions import REACTIONS
from ambidex.flows.tell_customer import Telling
from ambidex.integrations.mail.mailbox import MailFolder
from ambidex.integrations.mail.smtp import SmtpCarrier
from ambidex.runtime.perform import Run
from ambidex.runtime.reactions import settle
from ambidex.runtime.settings import secret_key
from tests.rigs.kill_feeds import Doubles, Told
from tests.rigs.kill_load import STEPS, Answers
from tests.rigs.kill_programs import Installation

REACHED = {
    "accept": {"accepted", "picking", "picked", "staged", "ready"},
    "pick": {"picked", "staged", "ready"},
    "stage": {"staged", "ready"},
    "ready": {"ready"},
}
A_STEP, QUIET_FOR = timedelta(minutes=2), timedelta(minutes=30)
DRAIN_MAX = 500


@dataclass(frozen=True)
class Closing:
    """`lost` was answered and is not there; `doubled` is there twice; mails are counted where customers get them."""

    orders: int
    answered: int
    steps: int
    tries: int
    lost: int
    lost_steps: int
    doubled: int
    mails: int
    mails_doubled: int
    mails_claimed: int
    refused: int
    parked: int
    violations: tuple[str, ...]
    mails_otherwise: dict[str, int]
    told: Told

    @property
    def ok(self) -> bool:
        wrong = (
            self.lost,
            self.lost_steps,
            self.doubled,
            self.mails_doubled,
            self.mails_claimed,
            self.refused,
            self.told.feed_wrong,
            self.told.feed_went_back,
        )
        return not any((*wrong, self.parked, *self.violations)) and self.answered > 0


class Guessing:
    """A control: after a crash it assumes that the letter did not arrive."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        return await self._carrier.carry(letter, to=to, to_name=to_name, key=key)

    async def arrived(self, key: str) -> bool | None:
        return False


async def close(
    run: Run, house: Installation, answers: Answers, *, doubles: Doubles, guesses: bool
) -> Closing:
    """Finish, count, audit."""
    await settle(run, REACTIONS, rounds=100)
    await _drain(run, house, guesses=guesses)
    await settle(run, REACTIONS, rounds=100)
    told = await _told(run, doubles)
    report = await audit(run)
    found = await _facts(run)
    mails, mails_doubled = copies(house.folder / "mail")
    return Closing(
        orders=len(found.orders),
        answered=len(answers.orders),
        steps=len(answers.steps),
        tries=answers.tries,
        lost=sum(found.orders.get(ref) != [ident.replace("-", "")] for ref, ident in answers.orders.items()),
        lost_steps=sum(found.works.get(work) not in REACHED[step] for work, step in answers.steps.items()),
        doubled=sum(len(ids) > 1 for ids in found.orders.values()),
        mails=mails,
        mails_doubled=mails_doubled,
        mails_claimed=found.sent - (mails - mails_doubled),
        refused=len(answers.refused),
        parked=found.parked,
        violations=tuple(f"{v.rule}: {v.subject} {v.detail}" for v in report.violations),
        mails_otherwise=found.unsent,
        told=told,
    )


async def _told(run: Run, doubles: Doubles) -> Told:
    """Deliver what is left on a clock that hurries, then ask every subscriber what it knows."""
    hurry = Hurry()
    hurried = Run(run.database, hurry)
    for _ in range(DRAIN_MAX):
        hurry.ahead += A_STEP
        await doubles.drain(hurried)
        if not await doubles.is_behind(hurried):
            return await doubles.told(hurried)
    raise AssertionError("feeds never come to an end")


def copies(folder: Path) -> tuple[int, int]:
    """How many mails lie there, and how many of them are second copies."""
    names = [file.name for file in folder.glob("*.eml")]
    return len(names), sum(".copy" in name for name in names)


@dataclass
class Hurry:
    """A clock that can be put forward."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class _Facts:
    orders: dict[str, list[str]]
    works: dict[str, str]
    sent: int
    unsent: dict[str, int]
    parked: int


async def _facts(run: Run) -> _Facts:
    async with run.reading() as read:
        orders: dict[str, list[str]] = {}
        for row in await read.all(text("SELECT reference, order_id FROM orders.orders")):
            orders.setdefault(row.reference, []).append(row.order_id.hex)
        works = await read.all(text("SELECT order_id, work_no, state FROM fulfillment.work"))
        states = await read.all(
            text("SELECT state, kind, count(*) AS n FROM messages.messages GROUP BY 1, 2")
        )
        parked = await read.value(text("SELECT count(*) FROM runtime.parked_reactions"))
    return _Facts(
        orders=orders,
        works={f"{row.order_id.hex}-{row.work_no}": row.state for row in works},
        sent=sum(row.n for row in states if row.state == "sent"),
        unsent={f"{row.kind} {row.state}": row.n for row in states if row.state != "sent"},
        parked=parked,
    )


async def _drain(run: Run, house: Installation, *, guesses: bool) -> None:
    """Send what is left, on a clock that hurries whenever all is quiet: leases end, second tries fall due."""
    hurry = Hurry()
    smtp = SmtpCarrier(
        "127.0.0.1", house.mail_port, "orders@shop.example", "Shop", folder=MailFolder(Path(house.folder / "mail"))
    )  # fmt: skip
    carrier: Carrier = Guessing(smtp) if guesses else smtp
    telling = Telling(
        run=Run(run.database, hurry),
        carrier=carrier,
        base_url="http://shop",
        brand="Shop",
        key=secret_key(house.folder),
    )
    for _ in range(DRAIN_MAX):
        if await telling.settle_lost() + await telling.send_due():
            continue
        if hurry.ahead > QUIET_FOR:
            return
        hurry.ahead += A_STEP
    raise AssertionError("messages never come to an end")


assert set(REACHED) == set(STEPS)
