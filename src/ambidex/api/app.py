"""The API put together: a list of routers, one shape of problems, and no operation without a declared rule."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from ambidex.api import (
    addresses,
    availability,
    capacity,
    claims,
    counter,
    counts,
    describe,
    drifts,
    duty,
    edge,
    events,
    feed_changes,
    feeds,
    find_orders,
    fulfillment_orders,
    health,
    inbound,
    inbound_goods,
    inbox,
    items,
    locations,
    manifests,
    money,
    offers,
    orders,
    packages,
    parcels,
    parked_orders,
    place_orders,
    pocket,
    problems,
    quotes,
    routing,
    scarce_prices,
    signin,
    sources,
    stock,
    stock_reports,
    stock_rules,
    tasks,
    transfers,
    waves,
)
from ambidex.api.lean import Direct
from ambidex.api.middleware import PREFIX, Refuse, Surroundings
from ambidex.flows.callers import Callers
from ambidex.kernel.problem import Problem
from ambidex.kernel.values import dataclass
from ambidex.runtime.access import Rule, Undeclared
from ambidex.runtime.house import House

OPENAPI = "/api/openapi.json"
# One line per file of this folder; each operation carries its own rule. Asked in this order, the busiest first.
ROUTERS: tuple[APIRouter, ...] = (
    place_orders.router,
    quotes.lean,
    events.router,
    signin.router,
    locations.router,
    items.router,
    duty.router,
    sources.router,
    fulfillment_orders.router,
    packages.router,
    parcels.router,
    manifests.router,
    money.router,
    counter.router,
    inbound.router,
    inbox.router,
    claims.router,
    tasks.router,
    orders.router,
    addresses.router,
    find_orders.router,
    availability.router,
    quotes.router,
    routing.router,
    scarce_prices.router,
    stock.router,
    stock_rules.router,
    capacity.router,
    parked_orders.router,
    offers.router,
    counts.router,
    drifts.router,
    stock_reports.router,
    pocket.router,
    transfers.router,
    inbound_goods.router,
    waves.router,
    feeds.router,
    feed_changes.router,
)


@dataclass(frozen=True, slots=True)
class Declared:
    """One operation and its rule."""

    method: str
    path: str
    name: str
    rule: Rule


def create_api(house: House, refuse: Refuse = problems.to_programs) -> FastAPI:
    """The application with all of the API; entry/app.py adds the pages and then calls `must_be_declared`."""
    app = FastAPI(title="Ambidex", version="1", openapi_url=OPENAPI, docs_url=None, redoc_url=None)
    app.state.house = house
    app.state.callers = Callers(house.run, remember_seconds=house.settings.token_seconds)
    app.include_router(health.router)
    for router in ROUTERS:
        app.include_router(router, prefix=PREFIX)
    app.add_exception_handler(Problem, problems.on_problem)
    app.add_exception_handler(RequestValidationError, problems.on_bad_input)
    app.add_exception_handler(HTTPException, problems.on_http)
    app.add_middleware(Direct, routes=place_orders.router.routes, prefix=PREFIX)
    app.add_middleware(
        Surroundings,
        body_bytes_max=house.settings.body_bytes_max,
        is_https=house.settings.is_https,
        refuse=refuse,
    )
    return app


def declared_operations(app: FastAPI) -> list[Declared]:
    """Every operation of the application with its rule. Raises Undeclared for one without."""
    return list(_declared(app))


def must_be_declared(app: FastAPI) -> FastAPI:
    """Stop the start when an operation has no rule; those that have one are described with it."""
    rules = {(one.method, one.path): one.rule for one in declared_operations(app)}
    describe.complete(app, rules)
    return app


def _declared(app: FastAPI) -> Iterator[Declared]:
    for route in iter_route_contexts(app.routes):
        path = route.path or ""
        if path == OPENAPI or f"{path}/".startswith("/static/"):
            continue
        rule = edge.rule_of(getattr(route, "dependencies", ()))
        if rule is None:
            raise Undeclared(f"{path or route.route!r}: say operation(...) or public(...)")
        yield from (Declared(method, path, route.name or "", rule) for method in sorted(route.methods or ()))
