"""Doing a stored deed: by the very commands that are used online, with the deed's own key and time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from ambidex.domains import fulfillment, locations
from ambidex.domains.counting import CountKind
from ambidex.domains.fulfillment import PickupCodes, Work, WorkState
from ambidex.domains.pocket import Deed, DeedKind
from ambidex.flows.accept_work import accept_work
from ambidex.flows.count_shelf import Shelf, count_shelf
from ambidex.flows.hand_over import Ask, hand_over
from ambidex.flows.make_ready import make_ready
from ambidex.flows.pick import pick
from ambidex.flows.refuse_work import keep_only
from ambidex.flows.short_pick import short_pick
from ambidex.flows.stage import stage
from ambidex.kernel.actor import Permission
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.values import replace
from ambidex.runtime.db import Tx

# what was wanted is true already: somebody took it in hand, or the place has nothing to do with it any more
IN_HAND = frozenset(
    {WorkState.PICKING, WorkState.PICKED, WorkState.STAGED, WorkState.READY, WorkState.HANDED_OVER}
)
GONE_ALREADY = frozenset({WorkState.REFUSED, WorkState.LAPSED, WorkState.TAKEN_BACK, WorkState.CANCELED})
READY_ALREADY = frozenset({WorkState.READY, WorkState.HANDED_OVER})


async def perform_deed(tx: Tx, deed: Deed, codes: PickupCodes) -> Deed:
    """Perform it; the deed with the order and place it was about. Raises what the command refuses."""
    if deed.kind is DeedKind.COUNT:
        return await _count(tx, deed)
    work = await _WORK_DEEDS[deed.kind](tx, deed, codes)
    return replace(deed, order_id=work.order_id, location_id=work.location_id)


async def _count(tx: Tx, deed: Deed) -> Deed:
    said = deed.said
    shelf = Shelf(
        location=said["location"],
        item=said["item"],
        counted=said["counted"],
        kind=CountKind(said.get("count_kind") or CountKind.OWN),
        happened_at=deed.dated.happened_at,
        key=deed.key,
    )
    await count_shelf(tx, shelf)
    place = await locations.by_code(tx, shelf.location)
    return replace(deed, location_id=place.location_id)


async def _accept(tx: Tx, deed: Deed, _: PickupCodes) -> Work:
    """Its post may have reached us, and its answer not the device; work that another person took is a conflict."""
    before = await fulfillment.work_from_id(tx, deed.said["work"])
    if before.state in IN_HAND and before.assignee_id == tx.actor.id:
        tx.actor.must(Permission.WORK_DO, at=before.location_id)
        return before
    return await accept_work(tx, work_id=before.id)


async def _refuse(tx: Tx, deed: Deed, _: PickupCodes) -> Work:
    """Nothing is left to refuse where it has left the place meanwhile."""
    before = await fulfillment.work_from_id(tx, deed.said["work"])
    if before.state in GONE_ALREADY:
        tx.actor.must(Permission.WORK_DO, at=before.location_id)
        return before
    keeps = {int(line_no): count for line_no, count in deed.said.get("keeps", {}).items()}
    return await keep_only(tx, work_id=before.id, reason=deed.said["reason"], keeps=keeps)


async def _cannot_find(tx: Tx, deed: Deed, _: PickupCodes) -> Work:
    said = deed.said
    return await short_pick(
        tx,
        work_id=said["work"],
        line_no=said["line"],
        quantity=said["quantity"],
        reason=said["reason"],
        key=deed.key,
        happened_at=deed.dated.happened_at,
    )


async def _pick(tx: Tx, deed: Deed, _: PickupCodes) -> Work:
    said = deed.said
    proof = Proof(
        EvidenceKind(said["evidence"]),
        said["barcode"],
        reason=said.get("reason", ""),
        happened_at=deed.dated.happened_at,
        key=deed.key,
    )
    return await pick(tx, work_id=said["work"], proofs=[proof])


async def _stage(tx: Tx, deed: Deed, _: PickupCodes) -> Work:
    said = deed.said
    return await stage(
        tx,
        work_id=said["work"],
        place=said["place"],
        kind=EvidenceKind(said["evidence"]),
        reason=said.get("reason", ""),
        key=deed.key,
        happened_at=deed.dated.happened_at,
    )


async def _ready(tx: Tx, deed: Deed, codes: PickupCodes) -> Work:
    """Somebody else may have said so meanwhile: what was wanted is true."""
    before = await fulfillment.work_from_id(tx, deed.said["work"])
    if before.state in READY_ALREADY:
        tx.actor.must(Permission.WORK_DO, at=before.location_id)
        return before
    return await make_ready(tx, work_id=before.id, codes=codes)


async def _hand_over(tx: Tx, deed: Deed, codes: PickupCodes) -> Work:
    said = deed.said
    code = codes.proven(said["work"], said["code_no"], said["code_proof"]) if said.get("code_proof") else ""
    ask = Ask(
        code=code,
        checked=said.get("checked", ""),
        collector=said.get("collector", ""),
        units={int(line_no): units for line_no, units in said.get("units", {}).items()},
        key=deed.key,
        happened_at=deed.dated.happened_at,
    )
    return await hand_over(tx, work_id=said["work"], ask=ask, codes=codes)


_WORK_DEEDS: Mapping[DeedKind, Callable[[Tx, Deed, PickupCodes], Awaitable[Work]]] = {
    DeedKind.ACCEPT: _accept,
    DeedKind.REFUSE: _refuse,
    DeedKind.PICK: _pick,
    DeedKind.CANNOT_FIND: _cannot_find,
    DeedKind.STAGE: _stage,
    DeedKind.READY: _ready,
    DeedKind.HAND_OVER: _hand_over,
}
