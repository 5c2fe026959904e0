"""The decision with its receipt: every place a candidate or out, the runner-up, and what would flip the choice."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from ambidex.domains.routing.model import Candidates, Cost, Decision, Out, Plan, Receipt
from ambidex.domains.routing.rules import flips, many
from ambidex.domains.routing.rules.atoms import ATOMS_MAX
from ambidex.domains.routing.rules.cost import Case
from ambidex.domains.routing.rules.exact import Answer, Shares
from ambidex.domains.routing.rules.planning import costs_of, planned, ruled, solved, units_in
from ambidex.domains.routing.rules.ranks import BROKEN, UNFILLED
from ambidex.domains.routing.rules.rate_card import weight
from ambidex.domains.routing.rules.snapshot import Ints, Snapshot
from ambidex.domains.routing.rules.what_if import WhatIf


def decide(snapshot: Snapshot) -> Decision:
    """The cheapest plan and why. Pure: the same snapshot gives the same, bit for bit."""
    case, shares = solved(snapshot, ruled(snapshot))
    plan = planned(case, shares)
    return Decision(plan, receipt(case, shares, plan))


def receipt(case: Case, shares: Shares, plan: Plan) -> Receipt:
    """Of a plan that was chosen for this case."""
    is_late = any(case.late[place] for place, _ in shares)
    if len(case.atoms) > ATOMS_MAX:
        return _of_many(case, shares, plan, is_late=is_late)
    chosen = WhatIf(case, shares)
    saves, sites = chosen.breaking()
    return Receipt(
        version=case.snapshot.policy.number,
        now=case.snapshot.now,
        chosen=plan,
        runner_up=_runner_up([chosen], plan),
        candidates=_candidates(case, chosen.answer, is_late=is_late),
        out=_out(case, is_late=is_late),
        flips=flips.smallest(case, chosen),
        breaking_saves=saves,
        breaking_sites=sites,
        is_bounded=case.is_shared,
        fingerprint=case.snapshot.fingerprint,
    )


def _of_many(case: Case, shares: Shares, plan: Plan, *, is_late: bool) -> Receipt:
    """Of more lines than one table has: what else could be is asked of small tables, and bounded by what they know."""
    asked = [WhatIf(one.case, one.shares) for one in many.coarser(case, shares)]
    saves, sites = max((one.breaking() for one in asked), key=lambda one: one[0], default=(0, ()))
    return Receipt(
        version=case.snapshot.policy.number,
        now=case.snapshot.now,
        chosen=plan,
        runner_up=_runner_up(asked, plan),
        candidates=_candidates_of_many(case, shares, is_late=is_late),
        out=_out(case, is_late=is_late),
        flips=flips.smallest_of(asked),
        breaking_saves=saves,
        breaking_sites=sites,
        is_bounded=True,
        unproved=case.unproved,
        fingerprint=case.snapshot.fingerprint,
    )


def _runner_up(asked: Sequence[WhatIf], plan: Plan) -> Plan | None:
    """The next best plan that sends other lines, or from elsewhere."""
    others = (map(partial(planned, one.case), one.others()) for one in asked)
    found = [next((other for other in of_one if _differs(other, plan)), None) for of_one in others]
    return min((one for one in found if one is not None), key=lambda one: one.cost, default=None)


def _differs(one: Plan, other: Plan) -> bool:
    """Whether other places send, or other lines: units of one line are all the same."""
    return [(part.site, part.lines) for part in one.parts] != [
        (part.site, part.lines) for part in other.parts
    ]


def _candidates(case: Case, answer: Answer, *, is_late: bool) -> Candidates:
    """Each place with its best part; the cheapest plan first, by code where they cost the same."""
    places = np.arange(len(case.live))
    if not len(places):
        return _columns(case, places, np.zeros(0, np.int64), places)
    plans = case.table + answer.rest[case.size - 1 - np.arange(case.size)][:, None]
    parts = plans.argmin(axis=0)
    cost = plans[parts, places] - case.rates.split
    kept = _kept(case, is_late=is_late)
    order = kept[np.argsort(cost[kept], kind="stable")]
    return _columns(case, order, parts[order], cost[order])


def _kept(case: Case, *, is_late: bool) -> Ints:
    """Places that break a promise which others keep are out."""
    places = np.arange(len(case.live))
    return places if is_late or not case.snapshot.demand.is_promised else places[~case.late]


def _columns(case: Case, places: Ints, parts: Ints, cost: Ints) -> Candidates:
    unfilled = (cost + UNFILLED // 2) // UNFILLED
    late = (cost - unfilled * UNFILLED + BROKEN // 2) // BROKEN
    codes = case.codes(places.tolist())
    lines = {part: list(units_in(case, part)) for part in set(parts.tolist())}
    columns = {
        "site": list(codes),
        "plan_cost": (cost - unfilled * UNFILLED - late * BROKEN).tolist(),
        "lines": [lines[part] for part in parts.tolist()],
        "metres": case.metres[places].tolist(),
        "arrives_at": case.arrives[places].tolist(),
        "unfilled": unfilled.tolist(),
        "late": late.tolist(),
    }
    return Candidates(
        columns, {name.value: costs.tolist() for name, costs in _costs(case, places, parts).items()}
    )


def _costs(case: Case, places: Ints, parts: Ints) -> dict[Cost, Ints]:
    """By part of the cost, of many places at once."""
    found = {name: costs[places] for name, costs in case.package.items()}
    member = (parts[None, :] >> np.arange(len(case.atoms))[:, None]) & 1
    for name, each in case.line.items():
        found[name] = found.get(name, 0) + (each[:, places] * member).sum(axis=0)
    found[Cost.WEIGHT] = weight(case.rates, case.metres[places], case.grams[parts])
    return {name: found[name] for name in Cost if name in found and found[name].any()}


def _candidates_of_many(case: Case, shares: Shares, *, is_late: bool) -> Candidates:
    """Each place as if it sent all it can and the rest came as it was chosen."""
    rows = []
    for place in _kept(case, is_late=is_late).tolist():
        own = sum(1 << at for at in range(len(case.atoms)) if case.able[at, place])
        others = [(p, part & ~own) for p, part in shares if p != place and part & ~own]
        cost = sum(sum(costs_of(case, p, part).values()) for p, part in [(place, own), *others])
        rows.append((cost + case.rates.split * len(others), place, own))
    rows.sort()
    columns: dict[str, list[object]] = {
        "site": list(case.codes([place for _, place, _ in rows])),
        "plan_cost": [cost for cost, _, _ in rows],
        "lines": [list(units_in(case, own)) for _, _, own in rows],
        "metres": [int(case.metres[place]) for _, place, _ in rows],
        "arrives_at": [int(case.arrives[place]) for _, place, _ in rows],
    }
    own_costs = [costs_of(case, place, own) for _, place, own in rows]
    named = [name for name in Cost if any(name in costs for costs in own_costs)]
    return Candidates(columns, {name.value: [costs.get(name, 0) for costs in own_costs] for name in named})


def _out(case: Case, *, is_late: bool) -> dict[str, tuple[str, ...]]:
    """The places of each reason, by code. A place that somebody or a rule excludes is not asked what it has."""
    snapshot = case.snapshot
    count = len(snapshot.network.sites)
    left = np.ones(count, bool)
    left[case.live] = False
    found: dict[str, Sequence[int] | Ints] = {}
    said: dict[str, list[int]] = {}
    for at, why in _excluded(case):
        if left[at]:
            said.setdefault(why, []).append(at)
    left[[at for places in said.values() for at in places]] = False
    found.update((why, sorted({*places})) for why, places in said.items())
    never = snapshot.network.leaves_at < 0
    has = (snapshot.free > 0).any(axis=0)
    full = snapshot.network.capacity_left == 0
    tests = ((Out.NEVER, never), (Out.NO_STOCK, ~has), (Out.FULL, full), (Out.NOT_ENOUGH, has))
    for reason, holds in tests:
        found[reason.value] = np.flatnonzero(left & holds)
        left &= ~holds
    if not is_late and snapshot.demand.is_promised:
        found[Out.LATE.value] = case.live[case.late]
    codes = snapshot.network.codes
    return {why: tuple(codes[at].tolist()) for why, at in found.items() if len(at)}


def _excluded(case: Case) -> list[tuple[int, str]]:
    """(place, reason) as others know it, and as rules say."""
    index = case.snapshot.network.index
    known = [
        (index[code], why) for code, reasons in case.snapshot.out.items() if code in index for why in reasons
    ]
    applied = case.applied
    if applied.out is None:
        return known
    ruled = {
        (int(applied.out[row, at]), int(at)) for row, at in zip(*np.nonzero(applied.out >= 0), strict=True)
    }
    return known + [(at, f"rule: {applied.names[number]}") for number, at in sorted(ruled)]
