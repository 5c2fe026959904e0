"""What a plan costs by one rate card, whichever version made it: two versions are compared by the same yardstick.

What rules add and what scarcity is worth are preferences, not money; they are left out.
"""

from __future__ import annotations

import numpy as np

from ambidex.domains.routing.model import LATE_COSTS, SURE, Cost, Plan, PlannedPart
from ambidex.domains.routing.rules.cost import line_rows
from ambidex.domains.routing.rules.rate_card import DAY, HOUR, late_share, rounded, transit_days, weight
from ambidex.domains.routing.rules.snapshot import Snapshot, column

PREFERENCES = frozenset({Cost.RULES, Cost.SCARCITY})


def money_of(plan: Plan) -> int:
    """Mills of a plan by the rate card it was made with."""
    return sum(mills for part in plan.parts for cost, mills in part.costs.items() if cost not in PREFERENCES)


def priced(snapshot: Snapshot, plan: Plan) -> int:
    """Mills of a plan by the rate card of the snapshot's policy."""
    split = snapshot.policy.rates.split * max(0, len(plan.parts) - 1)
    return split + sum(_priced_part(snapshot, part) for part in plan.parts)


def arrival(snapshot: Snapshot, part: PlannedPart) -> int:
    """When a part comes by the transit days of the snapshot's policy."""
    days = transit_days(snapshot.policy.rates, column([part.metres]))
    return part.leaves_at + int(days[0]) * DAY


def _priced_part(snapshot: Snapshot, part: PlannedPart) -> int:
    rates, demand = snapshot.policy.rates, snapshot.demand
    at, rows = snapshot.network.index[part.site], line_rows(snapshot)
    site = snapshot.network.sites[at]
    units = sum(part.lines.values())
    grams = sum(demand.lines[rows[line_no]].grams * count for line_no, count in part.lines.items())
    handling = rates.handling_at(site.code, site.kind) if rates.handling else None
    found = rates.package + rates.waiting * site.load
    found += int(rounded(column([rates.per_1000km * part.metres]), 1_000_000)[0])
    found += int(weight(rates, column([part.metres]), column([grams]))[0])
    found += (handling.per_package + handling.per_unit * units) if handling else 0
    doubts = column([SURE - int(snapshot.chance[rows[line_no], at]) for line_no in part.lines])
    found += int(np.sum(rounded(doubts * rates.failed_pick, SURE)))
    found -= sum(int(snapshot.markdown[rows[no], at]) * count for no, count in part.lines.items())
    return found + _lateness(snapshot, part)


def _lateness(snapshot: Snapshot, part: PlannedPart) -> int:
    """Of a wish the part costs its hours, of a promise its units their share."""
    rates, demand = snapshot.policy.rates, snapshot.demand
    if demand.promised_by is None:
        return 0
    hours = max(0, -((demand.promised_by - arrival(snapshot, part)) // HOUR))
    if not demand.is_promised:
        return hours * rates.late_hour
    if snapshot.engine < LATE_COSTS:
        return 0
    return int(late_share(rates, column([hours]), demand.lines)[0]) * sum(part.lines.values())
