"""How goods on their way look from outside: transfers and inbound goods, their lines, scans and differences."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.api.work_shapes import EvidenceIn
from ambidex.domains.transfers import Arrived, Delivery, Outcome
from ambidex.flows.deliveries import Asked, Found
from ambidex.flows.receive_goods import Explained
from ambidex.reads.deliveries import DeliveryPage, delivery_page
from ambidex.runtime.db import Row, Tx

LINES_MAX = 500
Quantity = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Reason = Annotated[str, Field(max_length=500)]


class AskedIn(Sent):
    """Units of one item."""

    item: str = Field(min_length=1, max_length=100, examples=["MUG-01"])
    quantity: Quantity

    def asked(self) -> Asked:
        return Asked(self.item, self.quantity)


class TransferIn(Sent):
    """Units that one place asks another one for."""

    to: str = Field(min_length=1, max_length=64, examples=["store-01"])
    origin: str = Field(min_length=1, max_length=64, alias="from", examples=["store-02"])
    lines: list[AskedIn] = Field(min_length=1, max_length=LINES_MAX)
    note: Reason = ""


class InboundIn(Sent):
    """What a supplier sends to a place, and when. Said again under the same reference it takes the place of the first."""

    location: str = Field(min_length=1, max_length=64, examples=["dc-north"])
    expected_at: Moment
    lines: list[AskedIn] = Field(min_length=1, max_length=LINES_MAX)
    supplier: str = Field(default="", max_length=200)
    note: Reason = ""


class ScanIn(EvidenceIn):
    """A unit out of its parcel; damaged ones need a reason."""

    arrived: Arrived = Arrived.SELLABLE

    def found(self) -> Found:
        return Found(self.proof(), self.arrived)


class ScansIn(Sent):
    """Evidence for each unit."""

    evidence: list[ScanIn] = Field(min_length=1, max_length=500)

    def found(self) -> list[Found]:
        return [one.found() for one in self.evidence]


class PicksIn(Sent):
    """Evidence for each unit that goes into the parcel."""

    evidence: list[EvidenceIn] = Field(min_length=1, max_length=500)

    def found(self) -> list[Found]:
        return [Found(one.proof()) for one in self.evidence]


class SendIn(Sent):
    """In how many parcels it leaves."""

    packages: int = Field(default=1, ge=1, le=99, strict=True)


class ReasonIn(Sent):
    """Why."""

    reason: str = Field(min_length=1, max_length=500)


class ReDateIn(ReasonIn):
    """When it comes, as somebody found out."""

    expected_at: Moment


class ExplainIn(ReasonIn):
    """What became of units of a difference."""

    line: int = Field(ge=1, le=32_000, strict=True)
    quantity: Quantity
    outcome: Outcome

    def explained(self) -> Explained:
        return Explained(self.line, self.quantity, self.outcome, self.reason)


class DeliveryLine(BaseModel):
    """`scanned` and `damaged` count while it is received; `difference` once it is finished, `explained` of it settled."""

    line: int
    item: str
    title: str
    asked: int
    picked: int
    sent: int
    scanned: int
    damaged: int
    difference: int
    explained: int


class DeliveryShape(BaseModel):
    """Goods on their way to `location`; `from` is a place, or empty when `supplier` sends them."""

    id: str
    kind: Literal["transfer", "inbound"]
    reference: str
    purpose: str
    state: str
    origin: str = Field(serialization_alias="from")
    location: str
    supplier: str
    order: str | None
    expected_at: datetime | None
    is_late: bool
    sent_at: datetime | None
    packages: list[str]
    note: str
    lines: list[DeliveryLine]


def shape(page: DeliveryPage) -> DeliveryShape:
    """As it is shown."""
    head = page.head
    over = head.state in {"received", "partly_received"}
    return DeliveryShape(
        id=str(head.delivery_id),
        kind=head.kind,
        reference=head.reference,
        purpose=head.purpose,
        state=head.state,
        origin=head.from_code or "",
        location=head.to_code,
        supplier=head.supplier,
        order=None if head.order_id is None else head.order_id.hex,
        expected_at=head.expected_at,
        is_late=head.late_told_at is not None and not over,
        sent_at=head.sent_at,
        packages=list(head.packages),
        note=head.note,
        lines=[_line(row, over=over) for row in page.lines],
    )


async def shown(tx: Tx, delivery: Delivery) -> DeliveryShape:
    """A delivery after a change, read in its transaction."""
    return shape(await delivery_page(tx, delivery.delivery_id))


def _line(row: Row[tuple[object, ...]], *, over: bool) -> DeliveryLine:
    return DeliveryLine(
        line=row.line_no,
        item=row.sku,
        title=f"{row.name}, {row.variant}" if row.variant else row.name,
        asked=row.asked,
        picked=int(row.picked),
        sent=row.sent,
        scanned=row.received if over else int(row.good),
        damaged=row.damaged if over else int(row.bad),
        difference=row.received + row.damaged - row.sent if over else 0,
        explained=row.settled,
    )
