"""Who may do what, where: every declared operation x every role x own and other place, through HTTP.

The expectation comes from the declaration and the roles alone (and a system's word is no evidence of a scan), so an
operation that forgets to ask its command is found here; an operation bound to a place must say below with which body it is asked.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from ambidex.api.app import Declared, declared_operations
from ambidex.domains import governance, identity, tasks, waves
from ambidex.domains.identity import Device, Grant, NewAccount, Role, SessionKeys
from ambidex.domains.identity.rules import ROLE_PERMISSIONS
from ambidex.flows.callers import SESSION_COOKIE
from ambidex.flows.deliveries import Asked
from ambidex.flows.inbound_goods import NewInbound, put_inbound
from ambidex.flows.transfer_goods import NewTransfer, request_transfer
from ambidex.kernel.actor import SYSTEM
from ambidex.kernel.ids import LocationId, OrderId, SourceId, child_id
from ambidex.runtime.access import Scope
from tests.api.matrix_bodies import BODIES, PLACE_FIELD, SCAN, SENDING
from tests.apps import Callers, callers_of
from tests.shop import Shop

STREAMS = {"/live"}
REFUSED = 403
# A pickup code that nobody gave out is unknown wherever it is typed; flows/hand_over asks before it gives anything.
# What names no place is done at the own one.
KNOWS_NO_CODE = {"/work/{work_id}/code", "/waves", "/pack", "/dispatch", "/parcels"}
# names of what there is not, or what is the same at every place
MADE_UP = {
    "rule": str(UUID(int=8)),
    "fact": "sales",
    "sku": "MUG-01",
    "message_id": str(UUID(int=7)),
    "name": "nothing",
    "kind": "ready",
    "number": "1",
    "trial": str(UUID(int=9)),
    "quote_id": str(UUID(int=10)),
    "day": "2026-03-02",
}
TRANSFERS = "/api/v1/transfers"


@dataclass
class Subject:
    """What lies at one place: an order with its work, and a task."""

    place: LocationId
    names: dict[str, str]

    def path(self, operation: Declared) -> str:
        """The address of an operation about this; counting is about the count that a missing unit opened."""
        task = self.names["count_task" if operation.path.endswith("/count") else "task_id"]
        leaves = operation.path.rpartition("/")[2] in SENDING
        transfer = self.names["leaving" if leaves else "arriving"]
        names = {**self.names, "task_id": task, "transfer": transfer}
        if operation.path.startswith(TRANSFERS):
            names["reference"] = transfer
        return operation.path.format_map(names)


@dataclass
class World:
    """Two places with an order each."""

    shop: Shop
    callers: Callers
    here: Subject
    there: Subject

    def operations(self) -> list[Declared]:
        """All that are not open to everybody."""
        found = [one for one in declared_operations(self.callers.app) if one.rule.permission is not None]
        return sorted(found, key=lambda one: (one.method != "GET", one.path.endswith("/cancel"), one.path))

    @asynccontextmanager
    async def as_role(self, role: Role, *places: LocationId) -> AsyncIterator[Any]:
        """Speaks to the API with a token and to pages with a session."""
        grants = tuple(Grant(role, place) for place in places) or (Grant(role),)
        login = f"{role.value}-{secrets.token_hex(4)}"
        cookie = SessionKeys(f"cookie-{login}", f"csrf-{login}")
        new = NewAccount(login, login, "no password", grants)
        await self.shop.run.perform(SYSTEM, identity.put_accounts, [new])
        async with self.shop.run.reading() as read:
            account = await identity.account_by_login(read, login)
        assert account is not None
        at = places[0] if places else self.here.place
        await self.shop.run.perform(
            SYSTEM, identity.open_session, account, keys=cookie, device=Device(at_location=at), tried=[]
        )
        async with (
            self.callers.as_role(role.value, *places) as program,
            self.callers.client(**{"X-CSRF-Token": cookie.csrf}) as browser,
        ):
            browser.cookies.set(SESSION_COOKIE, cookie.cookie)

            async def ask(operation: Declared, subject: Subject) -> httpx.Response:
                key = f"{operation.method} {operation.path}"
                body = BODIES.get(key, {} if operation.method != "GET" else None)
                if body is not None and operation.path in PLACE_FIELD:
                    body = {**body, PLACE_FIELD[operation.path]: subject.names["code"]}
                if operation.path.startswith("/api/"):
                    return await program.request(operation.method, subject.path(operation), json=body)
                return await browser.request(operation.method, subject.path(operation), data=body)

            yield ask


async def _token(shop: Shop, role: Role, *places: LocationId) -> str:
    secret = secrets.token_hex(16)
    new = identity.NewToken("whoever was here before", role, frozenset(places))
    await shop.run.perform(SYSTEM, identity.create_token, new, secret=secret)
    return secret


async def _subject(shop: Shop, callers: Callers, code: str, *, role: Role) -> Subject:
    await shop.shelf(code, "MUG-01", 5)
    place = shop.places[code].location_id
    order = await _order(shop, callers, code)
    work_id = order["fulfillment_orders"][0]["id"]
    async with callers.client(await _token(shop, Role.LEAD, place)) as client:
        work = f"/api/v1/fulfillment-orders/{work_id}"
        await client.post(f"{work}/accept")
        missed = await client.post(f"{work}/short", json={"line": 1, "quantity": 1})
        assert missed.status_code == 200
    async with shop.run.reading() as read:
        count = await read.one(
            text(
                "SELECT task_id, split_part(key, ':', 2) AS count_id FROM tasks.tasks"
                " WHERE kind = 'count' AND location_id = :place"
            ),
            {"place": place},
        )
    names = {
        "code": code,
        "place": code,
        "limit": "0",
        "at": "0",
        "order_id": order["id"],
        "work_id": work_id,
        "task_id": str(await _task(shop, place, role, work_id=work_id)),
        "count_task": str(count.task_id),
        "count_id": count.count_id,
        "drift_id": str(await _drift(shop, code)),
        **await _goods(shop, code),
        **MADE_UP,
        "seller": f"seller-of-{code}",
        "location": code,
        "package_id": child_id(UUID(order["id"]), 1),
        **await _waves(shop, place, order_id=UUID(order["id"])),
    }
    return Subject(place, names)


async def _waves(shop: Shop, place: LocationId, *, order_id: UUID) -> dict[str, str]:
    """A walk of the place, and a manifest that its carrier takes next."""
    work = waves.Candidate(OrderId(order_id), 1, None, "ship", 1, 1, frozenset({"A1"}))
    [made] = await shop.run.perform(SYSTEM, waves.plan, place, waves.group([work], waves.Limits()))
    async with shop.run.reading() as read:
        manifest = await read.value(
            text(
                "INSERT INTO shipping.manifests (manifest_id, location_id, carrier, opened_at, opened_by)"
                " VALUES (gen_random_uuid(), :place, 'Hare Post', now(), 'matrix') RETURNING manifest_id"
            ),
            {"place": place},
        )
    return {"wave": str(made.wave_id), "wave_id": str(made.wave_id), "manifest_id": str(manifest)}


async def _goods(shop: Shop, code: str) -> dict[str, str]:
    """A transfer that leaves the place, one that comes to it, and what a supplier sends it."""
    mugs = [Asked("MUG-01", 1)]
    leaving = await shop.run.perform(SYSTEM, request_transfer, NewTransfer("depot", code, mugs))
    arriving = await shop.run.perform(SYSTEM, request_transfer, NewTransfer(code, "depot", mugs))
    soon = shop.run.clock() + timedelta(days=3)
    new = NewInbound(reference=f"PO-{code}", to=code, lines=mugs, expected_at=soon)
    announced, _ = await shop.run.perform(SYSTEM, put_inbound, new)
    return {
        "leaving": leaving.reference,
        "arriving": arriving.reference,
        "reference": announced.reference,
        "delivery_id": announced.id,
        "deed": "cancel",
    }


async def _drift(shop: Shop, code: str) -> UUID:
    """A source says something else than our book."""
    source_id = SourceId(UUID(int=len(shop.places)))
    item_id, place = shop.items["MUG-01"].item_id, shop.places[code].location_id
    level = governance.Level(item_id, place, 3, shop.run.clock(), "1", counts=False)
    measured = governance.Measured(level, source_id, 5, None, 1990, "GBP", "lead")
    [drift] = await shop.run.perform(
        SYSTEM,
        governance.change.note_drifts,
        [measured],
        kind=governance.DriftKind.STOCK,
        skus={item_id: "MUG-01"},
    )
    return drift.drift_id


async def _order(shop: Shop, callers: Callers, code: str) -> Any:
    mugs = {"item": "MUG-01", "quantity": 2, "unit_price": "19.90", "method": "pickup", "location": code}
    said = {
        "source": "web:main",
        "reference": f"W-{code}",
        "channel": "web",
        "currency": "GBP",
        "customer": {"name": "Ama Owusu", "email": "ama@example.com"},
        "lines": [mugs],
        "payment": {"status": "captured", "amount": "39.80"},
    }
    async with callers.client(await _token(shop, Role.INTEGRATION)) as client:
        return (await client.post("/api/v1/orders", json=said)).json()


async def _task(shop: Shop, place: LocationId, role: Role, *, work_id: str) -> UUID:
    return await shop.run.perform(
        SYSTEM,
        tasks.open_task,
        kind=tasks.TaskKind.SOLVE_EXCEPTION,
        title="Look after the mugs",
        key=f"matrix:{work_id}",
        role=role.value,
        location_id=place,
        due_at=shop.run.clock(),
        details={"work": work_id},
    )


async def _world(shop: Shop, role: Role) -> World:
    callers = callers_of(shop.run)
    await shop.shelf("depot", "MUG-01", 5)
    here = await _subject(shop, callers, "camden", role=role)
    there = await _subject(shop, callers, "hackney", role=role)
    return World(shop, callers, here, there)


def _is_scan(operation: Declared) -> bool:
    """Only a person or a device of a place may witness."""
    if operation.path.endswith("/pack"):
        return operation.path.startswith("/api/")
    return BODIES.get(f"{operation.method} {operation.path}") is SCAN


@pytest.mark.parametrize("role", list(Role))
async def test_each_role_may_what_it_is_granted_and_nothing_else(shop: Shop, role: Role) -> None:
    world = await _world(shop, role)
    wrong = []
    async with (
        world.as_role(role, world.here.place) as at_place,
        world.as_role(role) as everywhere,
    ):
        for operation in world.operations():
            may = operation.rule.permission in ROLE_PERMISSIONS[role] and not (
                role is Role.INTEGRATION and _is_scan(operation)
            )
            is_bound = operation.rule.scope is not Scope.ANYWHERE
            if operation.path in STREAMS and may:
                continue
            answer = await (at_place if is_bound else everywhere)(operation, world.here)
            if (answer.status_code == REFUSED) == may or answer.status_code in {401, 500}:
                wrong.append((operation.method, operation.path, answer.status_code, answer.text[:200]))
    assert [one[:3] for one in wrong] == []


@pytest.mark.parametrize("role", list(Role))
async def test_nobody_acts_at_a_place_that_is_not_theirs(shop: Shop, role: Role) -> None:
    world = await _world(shop, role)
    bound = [one for one in world.operations() if one.rule.scope is Scope.OWN_PLACE]
    mine = [one for one in bound if one.rule.permission in ROLE_PERMISSIONS[role]]
    wrong = []
    async with world.as_role(role, world.here.place) as ask:
        for operation in mine:
            answer = await ask(operation, world.there)
            if answer.status_code != REFUSED and operation.path not in KNOWS_NO_CODE:
                wrong.append((operation.method, operation.path, answer.status_code, answer.text[:200]))
    assert [one[:3] for one in wrong] == []


async def test_every_operation_bound_to_a_place_is_asked_with_a_body(shop: Shop) -> None:
    callers = callers_of(shop.run)
    bound = [one for one in declared_operations(callers.app) if one.rule.scope is Scope.OWN_PLACE]
    assert bound
    assert [one for one in bound if f"{one.method} {one.path}" not in BODIES] == []


async def test_nobody_comes_in_without_a_token_or_session(shop: Shop) -> None:
    world = await _world(shop, Role.READER)
    wrong = []
    async with world.callers.client() as nobody, world.callers.client("made up") as stranger:
        for operation in world.operations():
            for client in (nobody, stranger):
                answer = await client.request(operation.method, world.here.path(operation))
                is_page = not operation.path.startswith("/api/") and operation.path not in STREAMS
                sent_away = answer.status_code == 303 and "/sign-in" in answer.headers["location"]
                if not (sent_away if is_page else answer.status_code == 401):
                    wrong.append((operation.method, operation.path, answer.status_code))
    assert [one[:3] for one in wrong] == []
