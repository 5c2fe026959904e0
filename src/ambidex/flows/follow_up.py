"""What follows from placing an order, as values: work, promise, watchdogs, owner, confirmation. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from ambidex.domains import channels, inventory, people, promises, routing
from ambidex.domains.fulfillment import NewWork
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind, NewMessage, Speaker
from ambidex.domains.orders import Method, Order
from ambidex.domains.payments import NewTender, TenderState
from ambidex.domains.promises import MilestoneKind, NewPromise, Plan
from ambidex.domains.watch import NewOwner, NewWatchdog, WaitsFor
from ambidex.flows.customer_facts import order_facts, place_facts
from ambidex.flows.offer_work import end_of_work, promise_kind
from ambidex.flows.ownership import DUTY, TURNS
from ambidex.flows.placed_view import view_of
from ambidex.flows.placing import Decision, Part, Words
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.kernel.values import dataclass, field
from ambidex.reads.orders import OrderView

TENDERS = {state.value: state for state in TenderState}


@dataclass(frozen=True, slots=True)
class Here:
    """What is the same for all orders that one place gets at one moment with one plan."""

    place: Location
    plan: Plan
    # what is watched until the place has done its part, and by when that is
    end: tuple[WaitsFor, datetime]
    too_late_after: datetime
    first_role: str
    told: Mapping[str, str]

    @classmethod
    def at(cls, place: Location, method: Method, plan: Plan | None, *, now: datetime) -> Here:
        """Planned and put into words once."""
        assert plan is not None, "no work goes to a place that never opens again"
        end = end_of_work(method, plan)
        too_late = promises.too_late_after(place.hours, end[1])
        return cls(place, plan, end, too_late, people.rungs(place)[0][0], place_facts(place, now=now))


@dataclass(slots=True)
class FollowUp:
    """Everything that the orders of one list bring about."""

    words: Words
    now: datetime
    tenders: list[NewTender] = field(default_factory=list)
    works: list[NewWork] = field(default_factory=list)
    promises: list[NewPromise] = field(default_factory=list)
    watchdogs: list[NewWatchdog] = field(default_factory=list)
    owners: list[NewOwner] = field(default_factory=list)
    messages: list[NewMessage] = field(default_factory=list)
    claims: list[inventory.Claim] = field(default_factory=list)
    receipts: list[routing.NewReceipt] = field(default_factory=list)
    # orders of which everything is known without reading them again
    views: dict[OrderId, OrderView] = field(default_factory=dict)
    _known: dict[tuple[LocationId, Method, datetime | None], Here] = field(default_factory=dict)

    def add(self, order: Order, decision: Decision) -> dict[str, Any]:
        """What follows from one order, in numbers of its own; how its event tells that."""
        self.claims += self._claims(order, decision)
        self.tenders += _tenders(order, decision)
        self.receipts += _receipts(order, decision, now=self.now)
        groups = [
            (self._here(place, method, decision), method, parts) for place, method, parts in decision.groups
        ]
        if not groups:
            return {}
        works = _works(order, decision, groups)
        promised = [_promise(order, work, here) for work, (here, _, _) in zip(works, groups, strict=True)]
        watched = [
            dog
            for work, (here, _, _) in zip(works, groups, strict=True)
            for dog in _watchdogs(order, work, here)
        ]
        owner = _owner(order, decision, groups)
        message = _confirmation(order, groups, self.words.sources[decision.draft.new.source])
        self.works += works
        self.promises += promised
        self.watchdogs += watched
        self.owners.append(owner)
        self.messages.append(message)
        if not decision.short:
            self.views[order.order_id] = view_of(
                order,
                decision.draft.new.source,
                places={part.place.location_id: part.place for part in decision.parts},
                works=works,
                promised=promised,
                owner=owner,
            )
        return {
            "due_at": min(one.due_at for one in promised),
            "owner": owner.role,
            "waits_for": {f"{dog.waits_for.value}:{dog.work_no}": dog.due_at for dog in watched},
            "speaker": message.speaker.value,
        }

    def _claims(self, order: Order, decision: Decision) -> list[inventory.Claim]:
        """The units know when their promise is due: who has most time left goes short first."""
        return [
            inventory.Claim(
                part.item.item_id, part.place.location_id, order.order_id, part.line_no, part.taken,
                None if (plan := self._plan(part.place, part.new.method, decision)) is None else plan.due_at,
            )
            for part in decision.parts
            if part.taken
        ]  # fmt: skip

    def _plan(self, place: Location, method: Method, decision: Decision) -> Plan | None:
        own = decision.plans.get((place.location_id, method)) if decision.plans else None
        return own or self.words.plans.get(place.location_id)

    def _here(self, place: Location, method: Method, decision: Decision) -> Here:
        plan = self._plan(place, method, decision)
        key = place.location_id, method, None if plan is None else plan.due_at
        known = self.words.here if plan is self.words.plans.get(place.location_id) else self._known
        found = known.get(key)
        if found is None:
            found = known[key] = Here.at(place, method, plan, now=self.now)
        return found


Group = tuple[Here, Method, list[Part]]


def _tenders(order: Order, decision: Decision) -> list[NewTender]:
    """As told; an order with something to pay and no word about it has one pending tender."""
    told = decision.draft.new.payments
    by = decision.draft.new.source
    if not told and order.total.minor > 0:
        return [NewTender(order.order_id, TenderState.PENDING, order.total, reported_by=by)]
    return [
        NewTender(order.order_id, TENDERS[p.status], p.amount, p.method, p.reference, p.expires_at, by)
        for p in told
    ]


def _receipts(order: Order, decision: Decision, *, now: datetime) -> list[routing.NewReceipt]:
    """Why these places were chosen."""
    return [
        routing.NewReceipt(
            order.order_id, one.cause, one.arm, one.snapshot, one.decided.receipt, now, one.took_us, number
        )
        for number, one in enumerate(decision.routed, start=1)
    ]


def _works(order: Order, decision: Decision, groups: Sequence[Group]) -> list[NewWork]:
    """One for each place and method."""
    actor = decision.draft.actor
    return [
        NewWork(
            order.order_id,
            work_no,
            here.place.location_id,
            tuple((p.line_no, p.item.item_id, p.taken) for p in parts),
            method.value,
            actor,
        )
        for work_no, (here, method, parts) in enumerate(groups, start=1)
    ]


def _promise(order: Order, work: NewWork, here: Here) -> NewPromise:
    return NewPromise(
        order_id=order.order_id,
        kind=promise_kind(work.method),
        due_at=here.plan.due_at,
        work_no=work.work_no,
        location_id=work.location_id,
        facts={"place": here.place.name},
        milestones=here.plan.milestones,
        actor=work.actor,
    )


def _watchdogs(order: Order, work: NewWork, here: Here) -> tuple[NewWatchdog, ...]:
    """That somebody accepts, and that it becomes ready or leaves; picking is watched once somebody accepted."""
    place, accept_by = here.place, here.plan.milestones[MilestoneKind.ACCEPTED]
    where = (work.work_no, place.location_id, place.hours)
    end, done_by = here.end
    return (
        NewWatchdog(order.order_id, WaitsFor.ACCEPT, accept_by, *where, None, work.actor),
        NewWatchdog(order.order_id, end, done_by, *where, here.too_late_after, work.actor),
    )


def _owner(order: Order, decision: Decision, groups: Sequence[Group]) -> NewOwner:
    """The place that is to answer first."""
    here = min((one for one, _, _ in groups), key=lambda one: one.plan.milestones[MilestoneKind.ACCEPTED])
    return NewOwner(
        order_id=order.order_id,
        role=here.first_role,
        next_step=TURNS[WaitsFor.ACCEPT].next_step,
        next_deadline=here.plan.milestones[MilestoneKind.ACCEPTED],
        location_id=here.place.location_id,
        level=DUTY,
        actor=decision.draft.actor,
    )


def _confirmation(order: Order, groups: Sequence[Group], source: channels.Source | Exception) -> NewMessage:
    """Where and until when to collect what is collected, and when the last of the rest arrives, in how many parts."""
    assert isinstance(source, channels.Source), "an order without a source is not placed"
    kind = MessageKind.CONFIRMED
    collected = next((here for here, method, _ in groups if method is Method.PICKUP), None)
    arrivals = [here.plan.due_at for here, method, _ in groups if method is not Method.PICKUP]
    facts = order_facts(order, (collected or groups[0][0]).told)
    if collected is not None:
        facts["ready_by"] = collected.plan.due_at.isoformat()
    if arrivals:
        facts |= {"arrives_by": max(arrivals).isoformat(), "parts": len(arrivals)}
    return NewMessage(
        order_id=order.order_id,
        kind=kind,
        fact_key=kind.value,
        proof=("orders.placed",),
        facts=facts,
        speaker=Speaker(channels.speaker(source, kind.value)),
    )
