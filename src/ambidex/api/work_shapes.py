"""How a fulfillment order and its evidence look from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.domains.fulfillment import Work, WorkState
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import BadInput
from ambidex.reads import fulfillment_orders as lists
from ambidex.reads.fulfillment_orders import WorkView
from ambidex.runtime.db import Tx

Short = Annotated[str, Field(max_length=200)]
ProofKey = Annotated[str, Field(max_length=100)]
LineNo = Annotated[int, Field(ge=1, le=32_000)]
Units = Annotated[dict[LineNo, Annotated[int, Field(ge=1, le=100_000)]], Field(max_length=500)]


class LineShape(BaseModel):
    """Units of one line that this place has to do with."""

    line: int
    item: str
    title: str
    asked: int
    wanted: int
    picked: int
    handed_over: int
    short: int
    to_put_away: int


class WorkShape(BaseModel):
    """What one place does for one order."""

    id: str
    order: str
    number: str
    location: str
    method: str
    state: WorkState
    staging_place: str
    customer: str
    assignee: str
    ready_by: datetime | None
    lines: list[LineShape]


class EvidenceIn(Sent):
    """One proof. `item` (a SKU) stands in for a barcode that cannot be scanned; typed needs a reason."""

    kind: EvidenceKind = EvidenceKind.SCAN
    barcode: Short = ""
    item: Short = ""
    quantity: int = Field(default=1, ge=1, le=100_000, strict=True)
    reason: Short = ""
    happened_at: Moment | None = None
    key: ProofKey = ""

    def proof(self) -> Proof:
        """As the domain knows it. Raises BadInput when a scan names no barcode but an item that somebody looked up."""
        if self.kind is EvidenceKind.SCAN and self.item and not self.barcode:
            expected = "the barcode; without one the kind is typed, with a reason"
            raise BadInput(errors=[{"field": "barcode", "expected": expected}])
        code = self.barcode or self.item
        return Proof(self.kind, code, self.quantity, self.reason, self.happened_at, self.key)


class PickIn(Sent):
    """Evidence for each unit."""

    evidence: list[EvidenceIn] = Field(min_length=1, max_length=500)

    def proofs(self) -> list[Proof]:
        """As the domain knows them."""
        return [one.proof() for one in self.evidence]


class PutAwayIn(PickIn):
    """Evidence for each unit; `location` where a parcel came back, when that is not the place of the work."""

    location: str = Field(default="", max_length=64)


class RefuseIn(Sent):
    """Why the place cannot. `units`: line number -> units it cannot do, empty for all; it keeps the rest."""

    reason: Short
    units: Units = Field(default_factory=dict)


class ShortIn(Sent):
    """Units that cannot be found; the line by its number or by its item."""

    line: int | None = None
    item: Short = ""
    quantity: int = Field(default=1, ge=1, le=100_000, strict=True)
    reason: Short = "not found"
    key: ProofKey = ""


class StageIn(Sent):
    """The place whose label was scanned; typed by hand it needs a reason."""

    place: Short
    kind: EvidenceKind = EvidenceKind.SCAN
    reason: Short = ""
    key: ProofKey = ""


class HandOverIn(Sent):
    """The pickup code, or what was checked and who collects. `units`: line number -> units, empty for all."""

    code: Short = ""
    checked: Short = ""
    collector: Short = ""
    units: Units = Field(default_factory=dict)
    refused: Units = Field(default_factory=dict)
    key: ProofKey = ""


class UndoIn(Sent):
    """Why it was a mistake."""

    reason: Short


async def shown(tx: Tx, work: Work) -> WorkShape:
    return shape(await lists.one(tx, tx.actor, work.id))


def shape(view: WorkView) -> WorkShape:
    return WorkShape(
        id=view.id,
        order=view.order_id.hex,
        number=view.number,
        location=view.location,
        method=view.method,
        state=view.state,
        staging_place=view.staging_place,
        customer=view.customer,
        assignee=view.assignee,
        ready_by=view.ready_by,
        lines=[
            LineShape(**{name: getattr(line, name) for name in LineShape.model_fields}) for line in view.lines
        ],
    )
