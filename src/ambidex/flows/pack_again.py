"""Packed work lost some of its units: the rest is in hand again, or already gone with the carrier."""

from __future__ import annotations

from ambidex.domains import inventory, orders, shipping
from ambidex.domains.fulfillment import Parcels, Work, WorkState, WorkVerb
from ambidex.domains.inventory import Move
from ambidex.domains.orders import LineState
from ambidex.flows.locked_work import claims_of, wanted_units
from ambidex.flows.pack import close_up
from ambidex.flows.under_way import on_its_way
from ambidex.runtime.db import Tx


async def pack_again(tx: Tx, work: Work) -> Work:
    """What stays of a work that was packed: closed again at once where every unit still lies in a package."""
    units = wanted_units(work)
    await orders.move_lines(tx, work.order_id, units, origin=LineState.PACKED, to=LineState.PICKED)
    claims = claims_of(work, units)
    await inventory.move(tx, claims, Move.UNSTAGE, cause="unpacked")
    await inventory.move(tx, claims, Move.PICK)
    work = await close_up(tx, work)
    left = shipping.outcome(await shipping.find.packages_of(tx, work.order_id, work_no=work.work_no))
    if work.state is WorkState.PACKED and left is not None:
        work = await Parcels.ship(tx, work, WorkVerb.DISPATCH_LAST)
        await on_its_way(tx, work)
    return work
