"""Staging: what was picked lies at a place of the location, whose label was scanned."""

from __future__ import annotations

from datetime import datetime

from ambidex.domains import fulfillment, inventory, locations, orders
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.flows.locked_work import claims_of, lock_work
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.runtime.db import Tx


async def stage(
    tx: Tx,
    *,
    work_id: str,
    place: str,
    kind: EvidenceKind = EvidenceKind.SCAN,
    reason: str = "",
    key: str = "",
    happened_at: datetime | None = None,
) -> Work:
    """Lay everything picked at a staging place, or move it to another one; maybe a while ago, without a network."""
    locked = await lock_work(tx, work_id)
    before = locked.work
    known = {p.code for p in await locations.staging_places(tx, before.location_id)}
    code = _meant(place, known)
    proof = Proof(kind, code, reason=reason, key=key, happened_at=happened_at)
    work, evidence = await fulfillment.stage(tx, before, place=code, places=known, proof=proof)
    if before.state is WorkState.PICKED and evidence:
        units = {line.line_no: line.picked for line in work.lines if line.picked}
        await orders.move_lines(tx, work.order_id, units, origin=LineState.PICKED, to=LineState.STAGED)
        claims = claims_of(work, units)
        await inventory.move(tx, claims, Move.STAGE, evidence=evidence, happened_at=happened_at)
    return work


def _meant(place: str, known: set[str]) -> str:
    """The place's own spelling, where a scanner or a person wrote it otherwise."""
    text = place.strip()
    return next((code for code in known if code.casefold() == text.casefold()), text)
