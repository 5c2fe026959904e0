"""A device that had no network sends what was done meanwhile: each deed once, in order, by the same commands as online.

What does not fit any more is a conflict: both sides are kept and a lead has a task; nothing is dropped. A deed that
cannot be taken right now stops the list, so that what follows from it is not tried before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from ambidex.domains import pocket
from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.pocket import Deed, DeedKind
from ambidex.flows.offline_conflict import note_conflict
from ambidex.flows.pocket_deeds import perform_deed
from ambidex.kernel.actor import Actor
from ambidex.kernel.problem import MovedOn, Problem
from ambidex.kernel.values import dataclass, field, replace
from ambidex.runtime import idempotency
from ambidex.runtime.db import Tx
from ambidex.runtime.idempotency import Answer, Key, KeyReused, TwinRunning
from ambidex.runtime.perform import Run

DEEDS_MAX = 200
TRIES = 3


class Outcome(StrEnum):
    """What became of a deed. LATER and NOT_YOURS stay on the device."""

    DONE = "done"
    CONFLICT = "conflict"
    LATER = "later"
    NOT_YOURS = "not_yours"


@dataclass(frozen=True, slots=True)
class Stored:
    """A deed as a device sends it. `by` is who did it; `facts` are those of its kind."""

    key: str
    kind: DeedKind
    happened_at: datetime
    by: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """`repeated`: it was answered so before."""

    key: str
    outcome: Outcome
    problem: str = ""
    advice: str = ""
    task: str = ""
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Device:
    """Which device sends, and what its clock says now."""

    name: str
    now: datetime
    codes: PickupCodes


async def empty_pocket(run: Run, actor: Actor, device: Device, stored: Sequence[Stored]) -> list[Answered]:
    """Take in deeds in the order in which they were done; an answer each."""
    answers: list[Answered] = []
    for each in stored:
        stopped = bool(answers) and answers[-1].outcome is Outcome.LATER
        answers.append(Answered(each.key, Outcome.LATER) if stopped else await _one(run, actor, device, each))
    return answers


async def _one(run: Run, actor: Actor, device: Device, stored: Stored) -> Answered:
    if stored.by and stored.by != actor.id:
        return Answered(stored.key, Outcome.NOT_YOURS, advice="It waits for the person who did it.")
    deed = _deed(stored, device, now=run.clock())
    key = _key(actor, stored)

    async def take(tx: Tx) -> Answer:
        await pocket.take(tx, await perform_deed(tx, deed, device.codes))
        return _answer(Answered(stored.key, Outcome.DONE))

    refused: Problem = TwinRunning()
    for _ in range(TRIES):
        try:
            return _read(await run.perform(actor, idempotency.once, key, take))
        except Problem as problem:
            refused = problem
        if not isinstance(refused, MovedOn):
            break
    if refused.status >= 500 or refused.status == 429 or isinstance(refused, TwinRunning):
        return Answered(stored.key, Outcome.LATER, refused.title, refused.advice)
    return await _conflict(run, actor, key, deed, refused)


async def _conflict(run: Run, actor: Actor, key: Key, deed: Deed, refused: Problem) -> Answered:
    said = deed.key
    if isinstance(refused, KeyReused):
        # another deed has this key for ever; this one is kept under a key of its own
        other = key.request_hash.hex()[:16]
        deed, key = replace(deed, key=f"{said}~{other}"), replace(key, key=f"{key.key}~{other}")

    async def note(tx: Tx) -> Answer:
        task_id = await note_conflict(tx, deed, refused)
        return _answer(Answered(said, Outcome.CONFLICT, refused.title, refused.advice, str(task_id)))

    return _read(await run.perform(actor, idempotency.once, key, note))


def _deed(stored: Stored, device: Device, *, now: datetime) -> Deed:
    facts = stored.facts
    subject = str(facts.get("work") or f"{facts.get('item', '')} @ {facts.get('location', '')}")
    dated = pocket.dated(stored.happened_at, device_now=device.now, now=now)
    return Deed(stored.key, stored.kind, subject, dated, device.name, facts)


def _key(actor: Actor, stored: Stored) -> Key:
    """Under the deed's own key; the same key with other facts is refused, never performed."""
    asked = [stored.kind.value, stored.happened_at.isoformat(), stored.facts]
    hashed = hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    return Key(actor.id, f"pocket:{stored.key}", hashed.digest())


def _answer(answered: Answered) -> Answer:
    return Answer(200, orjson.dumps(answered))


def _read(answer: Answer) -> Answered:
    told = orjson.loads(answer.body) | {"repeated": answer.is_repeated}
    return Answered(**(told | {"outcome": Outcome(told["outcome"])}))
