"""What a supplier will send: announced with dates, said again when they change. Future stock is promised from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ambidex.domains import locations, transfers
from ambidex.domains.transfers import Delivery, DeliveryKind, NewDelivery, Purpose
from ambidex.flows.deliveries import Asked, lock_delivery, wanted
from ambidex.flows.transfer_goods import call_off
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import BadInput
from ambidex.kernel.values import dataclass
from ambidex.runtime.db import Tx

SUPPLIER_MAX = 200


@dataclass(frozen=True, slots=True)
class NewInbound:
    """A purchase order or an advance ship notice: `to` is the code of the place that gets it."""

    reference: str
    to: str
    lines: Sequence[Asked]
    expected_at: datetime
    supplier: str = ""
    note: str = ""


async def put_inbound(tx: Tx, new: NewInbound) -> tuple[Delivery, bool]:
    """Create or change what is announced under this reference; whether it is new. Raises ReferenceTaken."""
    to = await locations.by_code(tx, new.to)
    tx.actor.must(Permission.STOCK_MOVE, at=to.location_id)
    if len(new.supplier) > SUPPLIER_MAX:
        raise BadInput(errors=[{"field": "supplier", "expected": f"at most {SUPPLIER_MAX} characters"}])
    delivery, is_new = await transfers.announce(
        tx,
        NewDelivery(
            kind=DeliveryKind.INBOUND,
            purpose=Purpose.PURCHASE,
            to_id=to.location_id,
            wanted=await wanted(tx, new.lines),
            reference=new.reference,
            supplier=new.supplier,
            expected_at=new.expected_at,
            note=new.note,
        ),
    )
    return delivery, is_new


async def cancel_inbound(tx: Tx, *, reference: str, reason: str) -> Delivery:
    """It will not come."""
    locked = (await lock_delivery(tx, reference, kind=DeliveryKind.INBOUND)).delivery
    tx.actor.must(Permission.STOCK_MOVE, at=locked.to_id)
    return await call_off(tx, locked, reason=reason)
