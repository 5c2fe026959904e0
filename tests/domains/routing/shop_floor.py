"""Small situations for the routing engine, told in one line: who has what, and what is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product

from hypothesis import strategies as st

from ambidex.domains.routing import model
from ambidex.domains.routing.model import Demand, Plan, Policy, Rates, Shelf, Site, Wanted
from ambidex.domains.routing.rules.snapshot import Network, Snapshot

NOW = 1_772_000_000
DAY = 86_400
PLAIN = Rates(
    package=500,
    per_1000km=100_000,
    per_kg=0,
    per_kg_1000km=0,
    split=0,
    late_hour=10,
    waiting=0,
    failed_pick=0,
)


def told(
    stock: str, wanted: str, *, rates: Rates = PLAIN, parts_max: int = 0, far: Mapping[str, int] | None = None
) -> Snapshot:
    """`stock`: "A mug:3 tea:1, B mug:9"; `wanted`: "mug 3, tea 1". Places stand a kilometre apart, A next to the customer."""
    places = dict(_shelf(text) for text in stock.split(", "))
    lines = [text.split() for text in wanted.split(", ")]
    demand = Demand(
        "order",
        tuple(Wanted(n, sku, int(units)) for n, (sku, units) in enumerate(lines, 1)),
        latitude_e6=0,
        longitude_e6=0,
    )
    sites = [
        Site(code, latitude_e6=0, longitude_e6=(far or {}).get(code, n * 8_993), leaves_at=NOW)
        for n, code in enumerate(sorted(places))
    ]
    shelves = {
        (code, line.line_no): Shelf(has[line.sku])
        for code, has in places.items()
        for line in demand.lines
        if line.sku in has
    }
    return Snapshot.of(
        NOW, demand, sites=sites, shelves=shelves, policy=Policy(1, rates=rates, parts_max=parts_max)
    )


def _shelf(text: str) -> tuple[str, dict[str, int]]:
    code, *has = text.split()
    return code, {sku: int(units) for sku, units in (one.split(":") for one in has)}


def said(plan: Plan) -> str:
    """ "A 1x3 2x1, B 3x1" and what is left as "short 2x1"."""
    parts = [" ".join([p.site, *(f"{no}x{n}" for no, n in p.lines.items())]) for p in plan.parts]
    short = [" ".join(["short", *(f"{no}x{n}" for no, n in plan.unfilled.items())])] if plan.unfilled else []
    return ", ".join([*parts, *short])


@st.composite
def situations(draw: st.DrawFn, *, lines_max: int = 4, units_max: int = 2) -> Snapshot:
    """Any small situation: shared SKUs, kits, capacity, late places, soft costs, benefits."""
    number = st.integers
    count = draw(number(1, lines_max))
    lines = tuple(
        Wanted(
            n, draw(st.sampled_from("abcd")), draw(number(1, units_max)), grams=draw(number(0, 4_000)),
            kit_no=draw(st.sampled_from((0, 0, 0, 1))),
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    sites = [
        Site(
            f"P{n}", draw(st.sampled_from(("store", "warehouse"))), draw(number(-3_000_000, 3_000_000)), 0,
            leaves_at=draw(st.sampled_from((NOW, NOW, NOW + DAY, None))),
            capacity_left=draw(st.sampled_from((None, None, None, 0, 1, 2, 3))), load=draw(number(0, 3)),
        )
        for n in range(draw(number(1, 4)))
    ]  # fmt: skip
    shelves: dict[tuple[str, int], Shelf] = {}
    for site, sku in product(sites, sorted({line.sku for line in lines})):
        shelf = Shelf(draw(number(0, 3)), draw(number(0, 1_000)), draw(number(0, 500)), draw(number(0, 500)))
        shelves |= {(site.code, line.line_no): shelf for line in lines if line.sku == sku}
    rates = Rates(
        package=draw(number(0, 2_000)), per_1000km=draw(number(0, 4_000)), per_kg=draw(number(0, 300)),
        per_kg_1000km=draw(number(0, 300)), split=draw(number(0, 900)), late_hour=draw(number(0, 100)),
        waiting=draw(number(0, 100)), failed_pick=draw(number(0, 3_000)),
        bands=draw(st.sampled_from(((), ((1_000, 200), (5_000, 900), (30_000, 4_000))))),
        handling=(model.Handling("store", draw(number(0, 300)), draw(number(0, 100))),),
    )  # fmt: skip
    promised = draw(st.sampled_from((None, NOW + DAY, NOW + 2 * DAY)))
    demand = Demand(
        "order", lines, latitude_e6=0, longitude_e6=0, promised_by=promised, is_promised=draw(st.booleans()),
    )  # fmt: skip
    out = {site.code: ("refused this order",) for site in sites if draw(number(0, 9)) == 0}
    policy = Policy(1, rates=rates, parts_max=draw(st.sampled_from((0, 0, 1, 2))))
    return Snapshot.of(NOW, demand, sites=Network(sites), shelves=shelves, policy=policy, out=out)


def shuffled(snapshot: Snapshot, order: Iterable[int]) -> Snapshot:
    """The same facts told in another order."""
    places = list(order)
    sites = [snapshot.network.sites[at] for at in places]
    lines = tuple(reversed(snapshot.demand.lines))
    rows = {line.line_no: row for row, line in enumerate(snapshot.demand.lines)}
    shelves = {
        (snapshot.network.sites[at].code, no): Shelf(
            *(int(g[row, at]) for g in (snapshot.free, snapshot.chance, snapshot.price, snapshot.markdown))
        )
        for at in places
        for no, row in rows.items()
    }
    fields = {name: getattr(snapshot.demand, name) for name in snapshot.demand.__slots__}
    demand = Demand(**{**fields, "lines": lines})
    return Snapshot.of(
        snapshot.now, demand, sites=sites, shelves=shelves, policy=snapshot.policy, out=snapshot.out
    )
