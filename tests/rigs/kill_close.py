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
from tests.rigs.kill_load import STEPS, Answers
from tests.rigs.kill_programs import Installation

REACHED = {
    "accept": {"accepted", "picking", "picked", "staged", "ready"},
    "pick": {"picked", "staged", "ready"},
    "stage": {"staged", "ready"},
    "ready": {"ready"},
}
LEASES_ARE_OVER = timedelta(minutes=5)
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
    ended_with: str = ""

    @property
    def ok(self) -> bool:
        wrong = (
            self.lost,
            self.lost_steps,
            self.doubled,
            self.mails_doubled,
            self.mails_claimed,
            self.refused,
        )
        return not any((*wrong, self.parked, *self.violations)) and self.answered > 0


class Guessing:
    """A control: after a crash it assumes that the letter did not arrive."""

    def __init__(self, carrier: SmtpCarrier) -> None:
        self._carrier = carrier

    async def carry(self, letter: Letter, *, to: str, to_name: str, key: str) -> Attempt:
        return await self._carrier.carry(letter, to=to, to_name=to_name, key=key)

    async def arrived(self, key: str) -> bool | None:
        return False


async def close(run: Run, house: Installation, answers: Answers, *, guesses: bool) -> Closing:
    """Finish, count, audit."""
    await settle(run, REACTIONS, rounds=100)
    await _drain(run, house, guesses=guesses)
    await settle(run, REACTIONS, rounds=100)
    report = await audit(run)
    found = await _facts(run)
    mails = [file.name for file in (house.folder / "mail").glob("*.eml")]
    return Closing(
        orders=len(found.orders),
        answered=len(answers.orders),
        steps=len(answers.steps),
        tries=answers.tries,
        lost=sum(found.orders.get(ref) != [ident.replace("-", "")] for ref, ident in answers.orders.items()),
        lost_steps=sum(found.works.get(work) not in REACHED[step] for work, step in answers.steps.items()),
        doubled=sum(len(ids) > 1 for ids in found.orders.values()),
        mails=len(mails),
        mails_doubled=sum(".copy" in name for name in mails),
        mails_claimed=found.sent - len([name for name in mails if ".copy" not in name]),
        refused=len(answers.refused),
        parked=found.parked,
        violations=tuple(f"{v.rule}: {v.subject} {v.detail}" for v in report.violations),
        ended_with=f"{found.unsent} messages neither sent nor given to a person",
    )


@dataclass
class _Facts:
    orders: dict[str, list[str]]
    works: dict[str, str]
    sent: int
    unsent: int
    parked: int


async def _facts(run: Run) -> _Facts:
    async with run.reading() as read:
        orders: dict[str, list[str]] = {}
        for row in await read.all(text("SELECT reference, order_id FROM orders.orders")):
            orders.setdefault(row.reference, []).append(row.order_id.hex)
        works = await read.all(text("SELECT order_id, work_no, state FROM fulfillment.work"))
        states = await read.all(text("SELECT state, count(*) AS n FROM messages.messages GROUP BY state"))
        parked = await read.value(text("SELECT count(*) FROM runtime.parked_reactions"))
    counts = {row.state: row.n for row in states}
    return _Facts(
        orders=orders,
        works={f"{row.order_id.hex}-{row.work_no}": row.state for row in works},
        sent=counts.get("sent", 0),
        unsent=counts.get("queued", 0) + counts.get("sending", 0),
        parked=parked,
    )


async def _drain(run: Run, house: Installation, *, guesses: bool) -> None:
    """Send what is left, on a clock on which every lease of a dead sender is over."""
    later = Run(run.database, lambda: datetime.now(UTC) + LEASES_ARE_OVER)
    smtp = SmtpCarrier(
        "127.0.0.1", house.mail_port, "orders@shop.example", "Shop", folder=MailFolder(Path(house.folder / "mail"))
    )  # fmt: skip
    carrier: Carrier = Guessing(smtp) if guesses else smtp
    telling = Telling(
        run=later, carrier=carrier, base_url="http://shop", brand="Shop", key=secret_key(house.folder)
    )
    for _ in range(DRAIN_MAX):
        if not (await telling.settle_lost() + await telling.send_due()):
            return
    raise AssertionError("messages never come to an end")


assert set(REACHED) == set(STEPS)
