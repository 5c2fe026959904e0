"""How packages look from outside, and what is sent to pack, label and dispatch them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.work_shapes import EvidenceIn, LineNo, ProofKey, Short
from ambidex.domains.shipping import Box, PackageState, ScanStatus, Size
from ambidex.kernel.evidence import EvidenceKind, Proof
from ambidex.kernel.problem import BadInput
from ambidex.reads.packages import PackageView

Millimetres = Annotated[int, Field(ge=1, le=10_000, strict=True)]


class ContentShape(BaseModel):
    """Units of one line in a package."""

    line: int
    item: str
    title: str
    quantity: int


class ScanShape(BaseModel):
    """What the carrier said, and when it happened by its own clock."""

    status: ScanStatus
    words: str
    city: str
    country: str
    happened_at: datetime


class SizeShape(BaseModel):
    """Outer measures."""

    length_mm: Millimetres
    width_mm: Millimetres
    height_mm: Millimetres


class PackageShape(BaseModel):
    """What leaves a place as one piece. `label`: wanted, made, refused, unwanted, voided, or empty."""

    id: str
    order: str
    number: str
    fulfillment_order: str
    package: int
    location: str
    state: PackageState
    weight_grams: int
    size: SizeShape | None
    carrier: str
    service: str
    tracking_number: str
    tracking_url: str
    label: str
    label_answer: str
    packed_at: datetime
    dispatched_at: datetime | None
    expected_at: datetime | None
    delivered_at: datetime | None
    signed_by: str
    contents: list[ContentShape]
    tracking: list[ScanShape]


class PackagesOut(BaseModel):
    """The packages of a fulfillment order and how far it is."""

    fulfillment_order: str
    state: str
    packages: list[PackageShape]


class ContentIn(Sent):
    """Units of one line."""

    line: LineNo
    quantity: int = Field(ge=1, le=100_000, strict=True)


class PackageIn(Sent):
    """One package: what is in it (nothing said: all that is in none yet), its weight, its measures, its proof."""

    contents: list[ContentIn] = Field(default=[], max_length=500)
    weight_grams: int = Field(ge=1, le=1_000_000, strict=True)
    size: SizeShape | None = None
    evidence: EvidenceIn | None = None
    key: ProofKey = ""

    def box(self) -> Box:
        """As the domain knows it. Raises BadInput when a line is named twice."""
        units = {one.line: one.quantity for one in self.contents}
        if len(units) < len(self.contents):
            raise BadInput(errors=[{"field": "contents", "expected": "each line once"}])
        weighed = Proof(EvidenceKind.WEIGHT, reason=f"{self.weight_grams} g", key=self.key)
        size = None if self.size is None else Size(**self.size.model_dump())
        return Box(units, self.weight_grams, self.evidence.proof() if self.evidence else weighed, size)


class PackIn(Sent):
    """The packages that are closed now."""

    packages: list[PackageIn] = Field(min_length=1, max_length=50)


class LabelIn(Sent):
    """Which carrier and service; nothing said: the cheapest that takes it."""

    carrier: Annotated[str, Field(max_length=40)] = ""
    service: Annotated[str, Field(max_length=40)] = ""


class DispatchIn(Sent):
    """The labels that were scanned out, one evidence each."""

    evidence: list[EvidenceIn] = Field(min_length=1, max_length=50)


class ParcelIn(Sent):
    """One package of this work by its number, and why."""

    package: int = Field(ge=1, le=32_000, strict=True)
    reason: Short


class ScanInIn(Sent):
    """The label of what came back, scanned; `location` where, when it is not the place that sent it."""

    evidence: EvidenceIn
    location: str = Field(default="", max_length=64)


def package_shape(view: PackageView) -> PackageShape:
    """As it is answered."""
    size = view.size_mm and SizeShape(
        length_mm=view.size_mm[0], width_mm=view.size_mm[1], height_mm=view.size_mm[2]
    )
    return PackageShape(
        id=view.id,
        order=view.order_id.hex,
        number=view.number,
        fulfillment_order=view.work_id,
        package=view.package_no,
        weight_grams=view.grams,
        size=size or None,
        contents=[ContentShape.model_validate(one) for one in view.contents],
        tracking=[ScanShape.model_validate(one) for one in view.scans],
        **{name: getattr(view, name) for name in _SAME},
    )


_SAME = (
    "location", "state", "carrier", "service", "tracking_number", "tracking_url", "label", "label_answer", "packed_at",
    "dispatched_at", "expected_at", "delivered_at", "signed_by",
)  # fmt: skip
