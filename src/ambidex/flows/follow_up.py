"""What follows from placing an order, as values: work, promise, watchdogs, owner, confirmation. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ambidex.domains import channels, people, promises
from ambidex.domains.channels import Source
from ambidex.domains.fulfillment import NewWork
from ambidex.domains.inventory import Claim
from ambidex.domains.locations import Location
from ambidex.domains.messages import MessageKind, NewMessage, Speaker
from ambidex.domains.orders import Order
from ambidex.domains.payments import NewTender, TenderState
from ambidex.domains.promises import MilestoneKind, NewPromise, Plan, PromiseKind
from ambidex.domains.watch import NewOwner, NewWatchdog, WaitsFor
from ambidex.flows.customer_facts import facts_for
from ambidex.flows.ownership import DUTY, TURNS
from ambidex.flows.placed_view import view_of
from ambidex.flows.placing import Decision, Words
from ambidex.kernel.ids import LocationId, OrderId
from ambidex.reads.orders import OrderView


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
    claims: list[Claim] = field(default_factory=list)
    # orders of which everything is known without reading them again
    views: dict[OrderId, OrderView] = field(default_factory=dict)

    def add(self, order: Order, decision: Decision) -> dict[str, Any]:
        """What follows from one order, in numbers of its own; how its event tells that."""
        words = self.words
        works, promised, watched = len(self.works), len(self.promises), len(self.watchdogs)
        self.claims += decision.claims
        self.tenders += _tenders(order, decision)
        for work_no, (place, method, parts) in enumerate(decision.groups, start=1):
            plan = _plan(words.plans, place)
            units = tuple((p.line_no, p.item.item_id, p.taken) for p in parts)
            actor = decision.draft.actor
            self.works.append(NewWork(order.order_id, work_no, place.location_id, units, method.value, actor))
            self.promises.append(_promise(order, decision, work_no, place, plan))
            self.watchdogs += _watchdogs(order, decision, work_no, place, plan)
        if decision.groups:
            place, _, _ = decision.groups[0]
            self.owners.append(_owner(order, decision, place, _plan(words.plans, place)))
            self.messages.append(_confirmation(order, decision, words, now=self.now))
        if not decision.short:
            self.views[order.order_id] = view_of(
                order,
                decision.draft.new.source,
                places={part.place.location_id: part.place for part in decision.parts},
                works=self.works[works:],
                promised=self.promises[promised:],
                owner=self.owners[-1],
            )
        if not decision.groups:
            return {}
        return {
            "due_at": min(one.due_at for one in self.promises[promised:]),
            "owner": self.owners[-1].role,
            "waits_for": {f"{d.waits_for}:{d.work_no}": d.due_at for d in self.watchdogs[watched:]},
            "speaker": self.messages[-1].speaker.value,
        }


def _plan(plans: Mapping[LocationId, Plan | None], place: Location) -> Plan:
    plan = plans[place.location_id]
    assert plan is not None, "no work goes to a place that never opens again"
    return plan


def _tenders(order: Order, decision: Decision) -> list[NewTender]:
    """As told; an order with something to pay and no word about it has one pending tender."""
    told = decision.draft.new.payments
    by = decision.draft.new.source
    if not told and order.total.minor > 0:
        return [NewTender(order.order_id, TenderState.PENDING, order.total, reported_by=by)]
    return [
        NewTender(order.order_id, TenderState(p.status), p.amount, p.method, p.reference, p.expires_at, by)
        for p in told
    ]


def _promise(order: Order, decision: Decision, work_no: int, place: Location, plan: Plan) -> NewPromise:
    return NewPromise(
        order_id=order.order_id,
        kind=PromiseKind.READY_BY,
        due_at=plan.due_at,
        work_no=work_no,
        location_id=place.location_id,
        facts={"place": place.name},
        milestones=plan.milestones,
        actor=decision.draft.actor,
    )


def _watchdogs(
    order: Order, decision: Decision, work_no: int, place: Location, plan: Plan
) -> list[NewWatchdog]:
    dues = {
        WaitsFor.ACCEPT: plan.milestones[MilestoneKind.ACCEPTED],
        WaitsFor.READY: plan.due_at,
    }
    return [
        NewWatchdog(
            order.order_id,
            waits_for,
            due_at,
            work_no,
            place.location_id,
            place.hours,
            promises.too_late_after(place.hours, due_at) if waits_for is WaitsFor.READY else None,
            decision.draft.actor,
        )
        for waits_for, due_at in dues.items()
    ]


def _owner(order: Order, decision: Decision, place: Location, plan: Plan) -> NewOwner:
    role, _ = people.rungs(place)[0]
    return NewOwner(
        order_id=order.order_id,
        role=role,
        next_step=TURNS[WaitsFor.ACCEPT].next_step,
        next_deadline=plan.milestones[MilestoneKind.ACCEPTED],
        location_id=place.location_id,
        level=DUTY,
        actor=decision.draft.actor,
    )


def _confirmation(order: Order, decision: Decision, words: Words, *, now: datetime) -> NewMessage:
    place, _, _ = decision.groups[0]
    source = words.sources[decision.draft.new.source]
    assert isinstance(source, Source), "an order without a source is not placed"
    kind = MessageKind.CONFIRMED
    return NewMessage(
        order_id=order.order_id,
        kind=kind,
        fact_key=kind.value,
        proof=("orders.placed",),
        facts=facts_for(order, place, now=now, ready_by=_plan(words.plans, place).due_at),
        speaker=Speaker(channels.speaker(source, kind.value)),
    )
