"""Shapes of routing: versions of the rules with examples, receipts, and what tries a version out.

Costs are mills: thousandths of the smallest coin of the version's currency.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from ambidex.api.order_shapes import Sent
from ambidex.api.shapes import Moment
from ambidex.domains import routing
from ambidex.flows.test_drive import Drive

model = routing.model
Brand = Annotated[str, Field(max_length=60)]
Why = Annotated[str, Field(min_length=1, max_length=500)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
State = Literal["draft", "shadow", "canary", "live", "archived"]
Document = dict[str, Any]


class DraftIn(Sent):
    """A new draft: of this document, or a copy of version `copy_of` with its examples, or of what is built in."""

    brand: Brand = ""
    document: Document | None = None
    copy_of: int | None = Field(default=None, ge=1, le=1_000_000)
    why: Why


class RulesIn(Sent):
    """Another text of a draft, and why."""

    document: Document
    why: Why


class ExampleIn(Sent):
    """A situation, what must be decided in it, and why."""

    situation: Document
    expected: Document
    why: Why


class GoIn(Sent):
    """Where the version goes. A canary says its share of 1,000 orders, its metric, by how much worse than live it may
    be (points per mille; for cost per mille of what live costs), and from how many orders on it is judged.
    """

    to: Literal["shadow", "canary", "live", "archived"]
    why: Why
    share: int = Field(default=100, ge=1, le=999)
    metric: Literal["refused", "late", "cost", "split"] = "refused"
    threshold: int = Field(default=20, ge=0, le=10_000)
    orders_min: int = Field(default=50, ge=1, le=1_000_000)


class SpanIn(Sent):
    """Decisions from one moment until just before another; of more than `decisions_max` so many are drawn evenly."""

    from_at: Moment = Field(alias="from")
    until: Moment
    decisions_max: int = Field(default=5_000, ge=1, le=20_000)


class CanaryOut(BaseModel):
    share: int
    metric: Literal["refused", "late", "cost", "split"]
    threshold: int
    orders_min: int


class VersionOut(BaseModel):
    """A version; `revision` (and the ETag) moves with every change of it or of its examples."""

    brand: str
    number: int
    name: str
    state: State
    since: datetime
    revision: int
    changed_at: datetime
    changed_by: str
    canary: CanaryOut | None = None
    document: Document

    @classmethod
    def of(cls, version: routing.versions.Version) -> VersionOut:
        """As it is shown."""
        terms = version.canary
        return cls(
            brand=version.brand,
            number=version.number,
            name=version.name,
            state=version.state.value,
            since=version.state_since,
            revision=version.revision,
            changed_at=version.changed_at,
            changed_by=version.changed_by_name,
            canary=None if terms is None else CanaryOut.model_validate(terms, from_attributes=True),
            document=dict(version.document),
        )


class ExampleOut(BaseModel):
    """`passes` and `wrong` say how the version does in it."""

    name: str
    situation: Document
    expected: Document
    passes: bool
    sent_from: dict[str, dict[str, int]]
    wrong: list[str]


class ChangeOut(BaseModel):
    """Who changed what and why; the text before and after, where it is one."""

    revision: int
    what: str
    why: str
    before: str
    after: str
    at: datetime
    by: str


class PartOut(BaseModel):
    location: str
    lines: dict[int, int]
    meters: int
    leaves_at: datetime
    arrives_at: datetime
    cost: int
    costs: dict[str, int]


class PlanOut(BaseModel):
    """Who sends how many units of which line; what nobody can send."""

    parts: list[PartOut]
    unfilled: dict[int, int]
    cost: int

    @classmethod
    def of(cls, plan: model.Plan) -> PlanOut:
        """As it is shown."""
        parts = [
            PartOut(
                location=part.site,
                lines=dict(part.lines),
                meters=part.metres,
                leaves_at=datetime.fromtimestamp(part.leaves_at, UTC),
                arrives_at=datetime.fromtimestamp(part.arrives_at, UTC),
                cost=part.cost,
                costs={name.value: mills for name, mills in part.costs.items()},
            )
            for part in plan.parts
        ]
        return cls(parts=parts, unfilled=dict(plan.unfilled), cost=plan.cost)


class CandidateOut(BaseModel):
    """A place that could send something: the cost of the best plan in which it does, and of its own part."""

    location: str
    plan_cost: int
    lines: list[int]
    meters: int
    arrives_at: datetime
    costs: dict[str, int]


class FlipOut(BaseModel):
    """The smallest change of one fact that would have changed the plan; `saves` mills (negative: it costs more), `fills`
    units that would be sent and are not, `keeps` units that would come in time and do not.
    """

    change: str
    location: str
    line: int
    by: int
    sent_from: list[str]
    saves: int
    fills: int
    keeps: int


class DecisionOut(BaseModel):
    """What was decided and why. `bounded`: too large to be compared exactly in all respects; something even closer to
    another choice may exist than the flips say.
    """

    version: int
    chosen: PlanOut
    runner_up: PlanOut | None
    candidates: list[CandidateOut]
    out: dict[str, list[str]]
    flips: list[FlipOut]
    breaking_saves: int
    breaking_sent_from: list[str]
    bounded: bool

    @classmethod
    def of(cls, receipt: model.Receipt) -> DecisionOut:
        """As it is shown."""
        return cls(
            version=receipt.version,
            chosen=PlanOut.of(receipt.chosen),
            runner_up=None if receipt.runner_up is None else PlanOut.of(receipt.runner_up),
            candidates=[_candidate(one) for one in receipt.candidates],
            out={why: list(places) for why, places in receipt.out.items()},
            flips=[
                FlipOut(
                    change=one.change.value,
                    location=one.site,
                    line=one.line_no,
                    by=one.by,
                    sent_from=list(one.sites),
                    saves=one.saves,
                    fills=one.fills,
                    keeps=one.keeps,
                )
                for one in receipt.flips
            ],
            breaking_saves=receipt.breaking_saves,
            breaking_sent_from=list(receipt.breaking_sites),
            bounded=receipt.is_bounded,
        )


class ReceiptOut(BaseModel):
    """One decision of an order, as it was stored."""

    receipt: int
    cause: str
    brand: str
    arm: Literal["live", "canary"]
    decided_at: datetime
    took_us: int
    fingerprint: str
    decision: DecisionOut

    @classmethod
    def of(cls, stored: routing.ask.StoredReceipt) -> ReceiptOut:
        """As it is shown."""
        return cls(
            receipt=stored.receipt_no,
            cause=stored.cause,
            brand=stored.brand,
            arm="canary" if stored.arm == routing.versions.CANARY else "live",
            decided_at=stored.decided_at,
            took_us=stored.took_us,
            fingerprint=stored.fingerprint,
            decision=DecisionOut.of(routing.stored.receipt_of(stored.receipt)),
        )


class DriveOut(BaseModel):
    """What was decided, and what this version would decide from the same facts."""

    order: str
    receipt: int
    cause: str
    differs: bool
    decided: DecisionOut
    would: DecisionOut

    @classmethod
    def of(cls, drive: Drive) -> DriveOut:
        """As it is shown."""
        return cls(
            order=drive.order_id.hex,
            receipt=drive.receipt_no,
            cause=drive.cause,
            differs=drive.differs,
            decided=DecisionOut.of(drive.decided),
            would=DecisionOut.of(drive.would),
        )


class TrialOut(BaseModel):
    """A simulation: how far it is, and at its end each figure of both versions as [value, low, high] (95 %).

    It is held against version `against` of `against_brand`: what decided for its brand when it was asked for.
    """

    id: str
    brand: str
    number: int
    against_brand: str
    against: int
    state: Literal["asked", "running", "done", "stopped"]
    from_at: datetime = Field(serialization_alias="from")
    until: datetime
    total: int
    done: int
    asked_at: datetime | None
    asked_by: str
    ended_at: datetime | None
    result: Document | None

    @classmethod
    def of(cls, trial: routing.trials.Trial) -> TrialOut:
        """As it is shown."""
        return cls(
            id=trial.trial_id.hex,
            brand=trial.brand,
            number=trial.number,
            against_brand=trial.against_brand,
            against=trial.against,
            state=trial.state.value,
            from_at=trial.from_at,
            until=trial.until_at,
            total=trial.total,
            done=trial.done,
            asked_at=trial.asked_at,
            asked_by=trial.asked_by_name,
            ended_at=trial.ended_at,
            result=None if trial.result is None else dict(trial.result),
        )


class SideOut(BaseModel):
    """One arm: its orders, and the mean of the metric (per mille, for cost mills)."""

    orders: int
    mean: float


class VerdictOut(BaseModel):
    """How a canary does beside live; `is_harm` is what rolls it back."""

    canary: SideOut
    live: SideOut
    worse_by: int
    is_enough: bool
    is_harm: bool

    @classmethod
    def of(cls, verdict: routing.versions.Verdict) -> VerdictOut:
        """As it is shown."""
        sides = [SideOut(orders=one.orders, mean=one.mean) for one in (verdict.canary, verdict.live)]
        return cls(
            canary=sides[0],
            live=sides[1],
            worse_by=verdict.worse_by,
            is_enough=verdict.is_enough,
            is_harm=verdict.is_harm,
        )


class ShadowOut(BaseModel):
    """What the version would have decided beside real decisions: figures like those of a simulation."""

    decisions: int
    result: Document


class DifferenceOut(BaseModel):
    order: str
    receipt: int
    what: str


class ReplayOut(BaseModel):
    """The decisions of a day made once more; `differences` are those that did not come out the same."""

    day: date
    total: int
    same: int
    began_at: datetime
    ended_at: datetime | None
    differences: list[DifferenceOut] = Field(default_factory=list)


def _candidate(one: model.Candidate) -> CandidateOut:
    return CandidateOut(
        location=one.site,
        plan_cost=one.plan_cost,
        lines=list(one.lines),
        meters=one.metres,
        arrives_at=datetime.fromtimestamp(one.arrives_at, UTC),
        costs={name.value: mills for name, mills in one.costs.items()},
    )
