"""The pocket: what people did while their device had no network, sent in order when it is back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from ambidex.api.count_shapes import Code, Sku, Units
from ambidex.api.edge import House, Runs, Who, house, operation
from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.api.work_shapes import LineNo, ProofKey, Short
from ambidex.api.work_shapes import Units as UnitsByLine
from ambidex.domains.counting import CountKind
from ambidex.domains.fulfillment import PickupCodes
from ambidex.domains.pocket import DeedKind
from ambidex.flows.empty_pocket import DEEDS_MAX, Device, Outcome, Stored, empty_pocket
from ambidex.kernel.actor import Permission

router = APIRouter(tags=["pocket"])
Evidence = Literal["scan", "typed"]
Wired = Annotated[House, Depends(house)]
WorkId = Annotated[str, Field(min_length=1, max_length=64)]
_COMMON = {"key", "kind", "happened_at", "by"}


class _DeedIn(Sent):
    """`key` is the deed's own for ever; `happened_at` is the device's time; `by` who did it, when others use it too."""

    key: Annotated[ProofKey, Field(min_length=8)]
    happened_at: Moment
    by: Short = ""

    def stored(self) -> Stored:
        """As the flow knows it."""
        said: dict[str, Any] = self.model_dump()
        facts = {name: value for name, value in said.items() if name not in _COMMON}
        return Stored(self.key, DeedKind(said["kind"]), self.happened_at, self.by, facts)


class CountDeed(_DeedIn):
    """Units counted of an item at a place."""

    kind: Literal["count"]
    location: Code
    item: Sku
    counted: Units
    count_kind: CountKind = CountKind.OWN


class AcceptDeed(_DeedIn):
    """The place does it, and this person works on it."""

    kind: Literal["accept"]
    work: WorkId


class RefuseDeed(_DeedIn):
    """The place does not do it, and why. `keeps`: line number -> units it does all the same."""

    kind: Literal["refuse"]
    work: WorkId
    reason: Annotated[str, Field(min_length=1, max_length=200)]
    keeps: UnitsByLine = Field(default_factory=dict)


class PickDeed(_DeedIn):
    """One unit in hand."""

    kind: Literal["pick"]
    work: WorkId
    barcode: Short
    evidence: Evidence = "scan"
    reason: Short = ""


class CannotFindDeed(_DeedIn):
    """Units of a line that are not where they should be."""

    kind: Literal["cannot_find"]
    work: WorkId
    line: LineNo
    quantity: Annotated[int, Field(ge=1, le=100_000)]
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class StageDeed(_DeedIn):
    """Everything picked lies at a staging place."""

    kind: Literal["stage"]
    work: WorkId
    place: Short
    evidence: Evidence = "scan"
    reason: Short = ""


class ReadyDeed(_DeedIn):
    """Say that it is ready as soon as the customer can be told."""

    kind: Literal["ready"]
    work: WorkId


class HandOverDeed(_DeedIn):
    """Goods given: by the proof that the pickup code was shown (never the code), or by a check and a name."""

    kind: Literal["hand_over"]
    work: WorkId
    code_no: int = Field(default=0, ge=0, le=32_000)
    code_proof: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    checked: Short = ""
    collector: Short = ""
    units: UnitsByLine = Field(default_factory=dict)


AnyDeed = Annotated[
    CountDeed | AcceptDeed | RefuseDeed | PickDeed | CannotFindDeed | StageDeed | ReadyDeed | HandOverDeed,
    Field(discriminator="kind"),
]


class PocketIn(Sent):
    """Deeds in the order in which they were done. `device_now` is what the device's clock says while sending."""

    device: Short = ""
    device_now: Moment
    deeds: list[AnyDeed] = Field(min_length=1, max_length=DEEDS_MAX)


class DeedOut(BaseModel):
    """What became of one deed. `later` and `not_yours` stay on the device; a conflict has a task for a person."""

    key: str
    outcome: Outcome
    problem: str
    advice: str
    task: str
    repeated: bool


class PocketOut(BaseModel):
    """An answer to each deed, in order; `taken_at` is the clock of the system."""

    taken_at: datetime
    deeds: list[DeedOut]


@router.post("/pocket", dependencies=[operation(Permission.STOCK_COUNT)])
async def empty(body: PocketIn, who: Who, runs: Runs, wired: Wired) -> PocketOut:
    """Take in what was done without a network: each deed exactly once under its own key, also when sent again."""
    device = Device(body.device or who.device or "", body.device_now, PickupCodes(wired.settings.secret_key))
    answers = await empty_pocket(runs, who, device, [deed.stored() for deed in body.deeds])
    return PocketOut(
        taken_at=runs.clock(),
        deeds=[DeedOut(**{name: getattr(one, name) for name in DeedOut.model_fields}) for one in answers],
    )
