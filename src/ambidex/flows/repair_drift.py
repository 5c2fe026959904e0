"""A person answers a drift: book what was said, let it go with a reason, or decide who may say it."""

from __future__ import annotations

from uuid import UUID

from ambidex.domains import channels, governance, locations
from ambidex.domains.governance import (
    BadAuthority,
    Drift,
    DriftKind,
    DriftVerb,
    Fact,
    LineState,
    NothingToBook,
)
from ambidex.flows import measure_drift, stock_facts, stock_lines
from ambidex.flows.stock_rights import stock_rights
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.kernel.words import seen
from ambidex.runtime.db import Tx

KINDS = ("till", "warehouse", "third_party")


async def repair(tx: Tx, *, drift_id: UUID) -> Drift:
    """Book what the source said, as of when it said so: one balanced entry. Raises DriftIsOver, NothingToBook."""
    drift = await governance.change.take_open(tx, drift_id)
    if drift.kind is DriftKind.SHOWN:
        raise NothingToBook(drift_id=str(drift_id))
    if drift.kind is DriftKind.UNHEARD:
        return await _book_unheard(tx, drift)
    speaker = await measure_drift.speaker_of(tx, drift.source_id)
    outcome = f"booked by {tx.actor.name}"
    closed = await measure_drift.close(tx, [drift], DriftVerb.REPAIR, outcome=outcome)
    await measure_drift.book_repair(tx, closed, code=speaker.code)
    return await governance.ask.drift(tx, drift_id)


async def _book_unheard(tx: Tx, drift: Drift) -> Drift:
    """Its source may say it by now: what it said meanwhile is booked, each line when it happened."""
    place = await locations.by_id(tx, drift.location_id)
    speaker = await measure_drift.speaker_of(tx, drift.source_id)
    rights = await stock_rights(tx, {place.location_id: place.kind.value})
    lines = await governance.change.settle_observed(tx, drift, LineState.BOOKED)
    facts = {governance.decide.FACT_OF[line.kind] for _, line in lines}
    if not all(governance.decide.may_say(rights, speaker, place.location_id, fact) for fact in facts):
        raise NothingToBook(
            f"{speaker.code} still may not say it at {place.name}", drift_id=str(drift.drift_id)
        )
    await measure_drift.close(tx, [drift], DriftVerb.REPAIR, outcome=f"booked by {tx.actor.name}")
    moved = stock_lines.movements(lines)
    await stock_facts.book_facts(tx, moved, cause="told by a system", source=speaker.code)
    return await governance.ask.drift(tx, drift.drift_id)


async def dismiss(tx: Tx, *, drift_id: UUID, reason: str) -> Drift:
    """Our book is right; the reason stays beside it. Raises DriftIsOver, BadInput without a reason."""
    if not seen(reason):
        raise BadInput(errors=[{"field": "reason", "expected": "why our book is right"}])
    drift = await governance.change.take_open(tx, drift_id)
    if drift.kind is DriftKind.UNHEARD:
        await governance.change.settle_observed(tx, drift, LineState.DISMISSED)
    await measure_drift.close(
        tx, [drift], DriftVerb.DISMISS, outcome=f"{seen(reason)} ({tx.actor.name})"[:500]
    )
    return await governance.ask.drift(tx, drift_id)


async def set_authority(tx: Tx, *, location: str, fact: str, holder: str) -> None:
    """Who may say this fact of this place from now on; nothing given goes back to what follows from its kind."""
    tx.actor.must_everywhere(Permission.STOCK_REPAIR)
    place = await locations.by_code(tx, location)
    if fact not in list(Fact):
        raise BadInput(errors=[{"field": "fact", "expected": " | ".join(Fact)}])
    known = {"", governance.decide.AMBIDEX, *KINDS}
    if holder not in known:
        source = await channels.source(tx, holder)
        if source.kind not in KINDS:
            expected = "a till, a warehouse or a partner"
            raise BadAuthority(holder, errors=[{"field": "holder", "expected": expected}])
    await governance.change.set_authority(tx, place.location_id, fact=Fact(fact), holder=holder)
