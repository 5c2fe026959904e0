"""Packing: what was picked goes into packages that somebody has in hand; opening one before it left gives it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ambidex.domains import inventory, orders, promises, shipping
from ambidex.domains.fulfillment import Parcels, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.domains.promises import MilestoneKind
from ambidex.domains.shipping import Box, Package, PackageState
from ambidex.flows.locked_work import claims_of, lock_work, lock_work_of, wanted_units
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Read, Tx

BOXES_MAX = 50


@dataclass(frozen=True, slots=True)
class Packed:
    """The work as it is now, and all its packages that were not opened."""

    work: Work
    packages: Sequence[Package]


async def pack(tx: Tx, *, work_id: str, boxes: Sequence[Box]) -> Packed:
    """Close these boxes. Once every wanted unit lies in one the work is packed. A key sent before changes nothing."""
    if not 0 < len(boxes) <= BOXES_MAX:
        raise BadInput("packages", errors=[{"field": "packages", "expected": f"1 to {BOXES_MAX} packages"}])
    locked = await lock_work(tx, work_id)
    work = locked.work
    first = await shipping.find.next_number(tx, work.order_id)
    numbered = dict(enumerate(boxes, start=first))
    proofs = [(f"package-{number}", box.proof) for number, box in numbered.items()]
    seen = await Parcels.seen(tx, work, Parcels.PACK, proofs=proofs)
    fresh = {number: box for number, box in numbered.items() if f"package-{number}" in seen}
    if fresh:
        await shipping.pack(
            tx,
            fresh,
            await free_units(tx, work),
            inside=(work.order_id, work.work_no, work.location_id),
            items={line.line_no: line.item_id for line in work.lines},
            evidence={number: seen[f"package-{number}"] for number in fresh},
        )
        work = await close_up(tx, work, evidence=tuple(seen.values()))
    return Packed(work, await packages_of(tx, work))


async def unpack(tx: Tx, *, package_id: str, reason: str) -> Packed:
    """Open a package that has not left: its units are in hand again, its label is given back."""
    package = await shipping.find.package_from_id(tx, package_id)
    tx.actor.must(Permission.WORK_DO, at=package.location_id)
    locked = await lock_work_of(tx, package.order_id, package.work_no)
    package = await shipping.find.package(tx, package.order_id, package.package_no)
    if package.state is PackageState.OPENED:
        return Packed(locked.work, await packages_of(tx, locked.work))
    await shipping.open_up(tx, [package], reason=reason)
    work = await loosen(tx, locked.work)
    return Packed(work, await packages_of(tx, work))


async def open_for(tx: Tx, work: Work, leaving: Mapping[int, int], *, reason: str) -> None:
    """Packages are opened as far as these units, which leave the work, lie in them."""
    free = await free_units(tx, work)
    lines = {line.line_no: line for line in work.lines}
    lacking = {
        no
        for no, units in leaving.items()
        if units - lines[no].to_pick > max(0, free.get(no, 0)) and free.get(no, 0) < lines[no].picked
    }
    here = [p for p in await packages_of(tx, work) if p.state is PackageState.PACKED]
    await shipping.open_up(tx, [p for p in here if lacking & p.units.keys()], reason=reason)


async def close_up(tx: Tx, work: Work, *, evidence: tuple[str, ...] = ()) -> Work:
    """Packed once every wanted unit that is still here lies in a package; its units wait for the carrier from then on."""
    done = work.picked == work.wanted and not any((await free_units(tx, work)).values())
    work = await Parcels.ship(tx, work, WorkVerb.PACK_LAST if done else WorkVerb.PACK)
    if work.state is WorkState.PACKED:
        units = wanted_units(work)
        await orders.move_lines(tx, work.order_id, units, origin=LineState.PICKED, to=LineState.PACKED)
        await promises.reach(tx, work.order_id, work_no=work.work_no, kind=MilestoneKind.PACKED)
        await inventory.move(tx, claims_of(work, units), Move.STAGE, evidence=evidence, cause="packed")
    return work


async def loosen(tx: Tx, work: Work) -> Work:
    """Packed work whose package is opened is in hand again. The stock is locked by this: last."""
    if work.state is not WorkState.PACKED:
        return work
    units = wanted_units(work)
    after = await Parcels.ship(tx, work, WorkVerb.UNPACK)
    await orders.move_lines(tx, work.order_id, units, origin=LineState.PACKED, to=LineState.PICKED)
    claims = claims_of(work, units)
    await inventory.move(tx, claims, Move.UNSTAGE, cause="unpacked")
    await inventory.move(tx, claims, Move.PICK)
    return after


async def free_units(read: Read, work: Work) -> Mapping[int, int]:
    """Picked units of a work that lie in no package."""
    packages = await shipping.find.packages_of(read, work.order_id, work_no=work.work_no)
    inside = shipping.packed_units(packages)
    return {line.line_no: line.picked - inside.get(line.line_no, 0) for line in work.lines}


async def packages_of(read: Read, work: Work) -> list[Package]:
    """Those of a work that were not opened."""
    found = await shipping.find.packages_of(read, work.order_id, work_no=work.work_no)
    return [package for package in found if package.state is not PackageState.OPENED]
