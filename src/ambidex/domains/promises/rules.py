"""Planning: what may be promised from the clock of a place, and whether it can still be kept."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from ambidex.domains.promises.model import DEFAULT_POLICY, MilestoneKind, Plan, Policy
from ambidex.domains.promises.problems import NeverOpensAgain
from ambidex.kernel.clock import Hours


def plan(
    hours: Hours, *, now: datetime, policy: Policy = DEFAULT_POLICY, not_before: datetime | None = None
) -> Plan:
    """What a place can promise for work offered now; an order placed while closed starts at the next opening.

    `not_before`: the place has no room for it to be ready sooner. Raises NeverOpensAgain when there is not enough open
    time left, ever.
    """
    starts_at = hours.next_open(now)
    due_at = hours.after_open_time(now, policy.ready_within)
    if starts_at is None or due_at is None:
        raise NeverOpensAgain(at=now)
    due_at = due_at if not_before is None else max(due_at, not_before)
    return Plan(starts_at, due_at, _backwards(hours, due_at, policy))


def plan_delivery(
    hours: Hours, *, now: datetime, leaves_at: datetime, arrives_at: datetime, policy: Policy = DEFAULT_POLICY
) -> Plan:
    """What is sent: due when it arrives, its inner deadlines planned backwards from when it leaves the place.

    Accepting and beginning to pick do not wait for a carrier that comes late. Raises NeverOpensAgain.
    """
    starts_at = hours.next_open(now)
    if starts_at is None:
        raise NeverOpensAgain(at=now)
    picked_by = max(starts_at, hours.before_open_time(leaves_at, policy.picked_before))
    return Plan(
        starts_at,
        arrives_at,
        {
            MilestoneKind.ACCEPTED: _within(hours, now, policy.accept_within, picked_by),
            MilestoneKind.PICK_BEGUN: _within(hours, now, policy.pick_begun_within, picked_by),
            MilestoneKind.PICKED: picked_by,
            MilestoneKind.PACKED: max(starts_at, hours.before_open_time(leaves_at, policy.packed_before)),
            MilestoneKind.DISPATCHED: leaves_at,
        },
    )


def _within(hours: Hours, now: datetime, length: timedelta, latest: datetime) -> datetime:
    return min(hours.after_open_time(now, length) or latest, latest)


def plan_again(hours: Hours, *, now: datetime, was_due_at: datetime, policy: Policy = DEFAULT_POLICY) -> Plan:
    """A new time for what will be late: `again_within` of open time after the old one, or after now when it passed.

    Raises NeverOpensAgain.
    """
    starts_at = max(now, was_due_at)
    due_at = hours.after_open_time(starts_at, policy.again_within)
    if due_at is None:
        raise NeverOpensAgain(at=now)
    return Plan(starts_at, due_at, {MilestoneKind.READY: due_at})


def too_late_after(
    hours: Hours,
    due_at: datetime,
    *,
    reached: AbstractSet[MilestoneKind] = frozenset(),
    policy: Policy = DEFAULT_POLICY,
) -> datetime:
    """The instant after which the rest of the work no longer fits before `due_at`: then the customer is told."""
    rest = policy.least_staging if MilestoneKind.PICKED in reached else policy.least_work
    return hours.before_open_time(due_at, rest)


def _backwards(hours: Hours, due_at: datetime, policy: Policy) -> dict[MilestoneKind, datetime]:
    within = {
        MilestoneKind.ACCEPTED: policy.accept_within,
        MilestoneKind.PICK_BEGUN: policy.pick_begun_within,
        MilestoneKind.PICKED: policy.picked_within,
    }
    inner = {
        kind: hours.before_open_time(due_at, policy.ready_within - length)
        for kind, length in within.items()
        if length < policy.ready_within
    }
    return inner | {MilestoneKind.READY: due_at}
