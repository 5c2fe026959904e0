"""A decision of the past becomes an example of a draft: its facts as a situation, and what was decided as what is expected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ambidex.domains import routing
from ambidex.domains.routing import Plan, Site, Snapshot
from ambidex.kernel.ids import OrderId
from ambidex.kernel.money import minor_digits
from ambidex.runtime.db import Tx

PLACES_MAX = 12
DEGREE, PER_CENT, GRAMS = 1_000_000, 10, 1_000


async def example_of_order(
    tx: Tx,
    seen: routing.change.Seen,
    name: str,
    *,
    order_id: OrderId,
    receipt_no: int | None = None,
    why: str,
) -> routing.versions.Version:
    """Refused like any change of a draft; UnknownReceipt."""
    one = await routing.ask.receipt(tx, order_id, receipt_no)
    version = await routing.ask.version(tx, seen.brand, seen.number)
    snapshot = one.seen_by(version.policy)
    plan = routing.stored.receipt_of(one.receipt).chosen
    currency = str(version.document.get("currency", "USD"))
    return await routing.change.put_example(
        tx,
        seen,
        name,
        situation=situation(snapshot, plan, currency),
        expected=expected(snapshot, plan),
        why=why,
    )


def situation(snapshot: Snapshot, plan: Plan, currency: str) -> dict[str, Any]:
    """The facts in the words of an example: the chosen places and the nearest others that have something."""
    demand = snapshot.demand
    order: dict[str, Any] = {"channel": demand.channel, "method": demand.method}
    order |= {name: said for name in ("country", "postcode") if (said := getattr(demand, name))}
    if demand.latitude_e6 is not None and demand.longitude_e6 is not None:
        order["at"] = [demand.latitude_e6 / DEGREE, demand.longitude_e6 / DEGREE]
    if demand.value:
        order["value"] = _amount(demand.value, currency)
    if demand.promised_by is not None:
        order["promised_by" if demand.is_promised else "wished_by"] = _instant(demand.promised_by)
    return {
        "at": _instant(snapshot.now),
        "order": order,
        "lines": [_line(line, currency) for line in demand.lines],
        "places": [_place(snapshot, site) for site in _places(snapshot, plan)],
    }


def expected(snapshot: Snapshot, plan: Plan) -> dict[str, Any]:
    """Who sends which units, and what nobody can send."""
    skus = {line.line_no: line.sku for line in snapshot.demand.lines}
    found: dict[str, Any] = {"sent_from": {part.site: _by_sku(part.lines, skus) for part in plan.parts}}
    return found | ({"unfilled": _by_sku(plan.unfilled, skus)} if plan.unfilled else {})


def _line(line: Any, currency: str) -> dict[str, Any]:
    said: dict[str, Any] = {"sku": line.sku, "units": line.units}
    said |= {"weight": f"{line.grams / GRAMS:.3f}"} if line.grams else {}
    said |= {"value": _amount(line.value, currency)} if line.value else {}
    return said | {
        name: value for name, value in (("category", line.category), ("kit", line.kit_no)) if value
    }


def _places(snapshot: Snapshot, plan: Plan) -> list[Site]:
    """Those that send first, then the nearest with something on the shelf or left out for a reason."""
    sending = set(plan.sites)
    able = [
        (site.code not in sending, int(snapshot.metres[at]), site.code, site)
        for at, site in enumerate(snapshot.network.sites)
        if site.code in sending or site.code in snapshot.out or snapshot.free[:, at].any()
    ]
    return [site for *_order, site in sorted(able, key=lambda one: one[:3])[:PLACES_MAX]]


def _place(snapshot: Snapshot, site: Site) -> dict[str, Any]:
    at = snapshot.network.index[site.code]
    free = [int(units) for units in snapshot.free[:, at]]
    sure = min(
        (int(snapshot.chance[n][at]) for n, units in enumerate(free) if units), default=routing.model.SURE
    )
    said: dict[str, Any] = {"code": site.code, "kind": site.kind, "zone": site.zone, "load": site.load}
    said["has"] = _has(snapshot, free)
    said["sure"] = sure // PER_CENT
    if site.latitude_e6 is not None and site.longitude_e6 is not None:
        said["at"] = [site.latitude_e6 / DEGREE, site.longitude_e6 / DEGREE]
    if site.leaves_at is not None:
        said["leaves_at"] = _instant(site.leaves_at)
    if site.capacity_left is not None:
        said["room"] = max(0, site.capacity_left)
    if site.groups:
        said["groups"] = list(site.groups)
    if reasons := snapshot.out.get(site.code):
        said["out"] = ", ".join(reasons)
    return said


def _has(snapshot: Snapshot, free: list[int]) -> dict[str, int]:
    """Lines of one SKU share what lies there."""
    skus = [line.sku for line in snapshot.demand.lines]
    return {sku: max(u for s, u in zip(skus, free, strict=True) if s == sku) for sku in dict.fromkeys(skus)}


def _by_sku(lines: Mapping[int, int], skus: Mapping[int, str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line_no, units in lines.items():
        found[skus[line_no]] = found.get(skus[line_no], 0) + units
    return found


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _amount(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    return f"{minor / 10**digits:.{digits}f}"
