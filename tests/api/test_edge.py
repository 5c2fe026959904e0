"""The edge: a rule on everything, problems in one shape, forged and oversized requests refused, failures told apart."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import APIRouter, FastAPI, Response
from pydantic import BaseModel
from sqlalchemy import text
from starlette.requests import ClientDisconnect
from structlog.testing import capture_logs

from ambidex.api.app import declared_operations, must_be_declared
from ambidex.api.edge import Asks, Runs, Shown, Who, operation, public
from ambidex.api.middleware import Surroundings
from ambidex.api.problems import to_programs
from ambidex.domains import identity
from ambidex.kernel.actor import SYSTEM, Permission
from ambidex.kernel.problem import Problem
from ambidex.runtime.access import Undeclared
from ambidex.runtime.db import Tx
from ambidex.runtime.perform import Run
from tests.apps import Callers, callers_with
from tests.runtime.test_perform import ring

COUNT = text("SELECT count(*) FROM runtime.events WHERE name = 'bell.rang'")


class TooLoud(Problem):
    """The neighbors complain."""

    status, code = 409, "too-loud"
    advice = "Ring less often."


class BellIn(BaseModel):
    times: int


class BellOut(BaseModel):
    rung: int


router = APIRouter(dependencies=[operation(Permission.WORK_DO)])


async def ring_bell(tx: Tx, *, times: int) -> int:
    if times == 9:
        raise TooLoud("nine times", limit=8)
    if times == 13:
        raise ZeroDivisionError("our fault")
    if times == 14:
        await tx.run(text("INSERT INTO runtime.chain_head VALUES (false, 0, '')"))
    return await ring(tx, times=min(times, 3))


async def shown(tx: Tx, rung: int) -> Shown:
    return Shown(BellOut(rung=rung + await tx.value(COUNT)))


@router.post("/bells", response_model=BellOut, status_code=201)
async def post_bell(body: BellIn, asks: Asks) -> Response:
    return await asks.answer(shown, ring_bell, times=body.times)


@router.get("/bells")
async def get_bell(who: Who, runs: Runs) -> dict[str, str]:
    return {"who": who.name, "role": who.role}


@pytest.fixture
async def callers(run: Run) -> Callers:
    return callers_with(run, router, BODY_BYTES_MAX="2000")


@pytest.fixture
async def lead(callers: Callers) -> AsyncIterator[httpx.AsyncClient]:
    async with callers.as_role("lead") as client:
        yield client


async def test_every_operation_of_the_house_is_declared(callers: Callers) -> None:
    declared = declared_operations(callers.app)
    assert {("POST", "/api/v1/bells"), ("GET", "/api/v1/events")} <= {(d.method, d.path) for d in declared}


def test_an_undeclared_operation_stops_the_start() -> None:
    app, careless = FastAPI(openapi_url=None, docs_url=None, redoc_url=None), APIRouter()
    careless.add_api_route("/secrets", get_bell)
    app.include_router(careless)
    with pytest.raises(Undeclared, match="/secrets"):
        must_be_declared(app)


def test_a_public_operation_says_why() -> None:
    with pytest.raises(AssertionError):
        public("")


async def test_who_calls_is_the_tokens_actor(lead: httpx.AsyncClient) -> None:
    assert (await lead.get("/api/v1/bells")).json()["role"] == "lead"


@pytest.mark.parametrize(
    ("authorization", "status"), [("", 401), ("Bearer wrong", 401), ("Basic YTpi", 401), ("Bearer", 401)]
)
async def test_without_a_valid_token_nothing_is_answered(
    callers: Callers, authorization: str, status: int
) -> None:
    async with callers.client() as client:
        answer = await client.get("/api/v1/bells", headers={"Authorization": authorization})
    assert (answer.status_code, answer.json()["code"]) == (status, "not-signed-in")


async def test_a_role_without_the_permission_is_refused(callers: Callers, run: Run) -> None:
    async with callers.as_role("reader") as reader:
        answer = await reader.post("/api/v1/bells", json={"times": 1})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
        assert (await reader.get("/api/v1/bells")).status_code == 403
    async with run.reading() as read:
        assert await read.value(COUNT) == 0


async def test_a_problem_has_one_shape(lead: httpx.AsyncClient) -> None:
    answer = await lead.post("/api/v1/bells", json={"times": 9})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/too-loud",
        "title": "The neighbors complain.",
        "status": 409,
        "code": "too-loud",
        "detail": "nine times",
        "errors": [],
        "retryable": False,
        "advice": "Ring less often.",
        "limit": 8,
    }


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/api/v1/bells", b'{"times": "many"}', 422, "bad-input"),
        ("POST", "/api/v1/bells", b"{}", 422, "bad-input"),
        ("POST", "/api/v1/bells", b"{", 422, "bad-input"),
        ("GET", "/api/v1/nothing", b"", 404, "not-found"),
        ("DELETE", "/api/v1/bells", b"", 405, "method-not-allowed"),
        ("POST", "/api/v1/bells", b'{"times": 13}', 500, "broken"),
        ("POST", "/api/v1/bells", b'{"times": 14}', 409, "one-row"),
        ("POST", "/api/v1/bells", b" " * 2001, 413, "too-large"),
    ],
)
async def test_whatever_goes_wrong_is_a_problem_and_never_a_trace(
    lead: httpx.AsyncClient, method: str, path: str, body: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await lead.request(method, path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "Traceback" not in answer.text
    assert "ZeroDivision" not in answer.text


@pytest.mark.parametrize("sku", ["%00", "mug%00"])
async def test_text_that_cannot_be_stored_is_bad_input(lead: httpx.AsyncClient, sku: str) -> None:
    answer = await lead.get(f"/api/v1/items/{sku}")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad-input")


async def test_half_a_character_is_bad_input(lead: httpx.AsyncClient) -> None:
    body = b'{"source": "web", "reference": "\\ud800", "q": "\\ud800"}'
    headers = {"Content-Type": "application/json"}
    answer = await lead.post("/api/v1/claims", content=body, headers=headers)
    assert 400 <= answer.status_code < 500


async def test_bad_input_names_the_field_and_what_was_expected(lead: httpx.AsyncClient) -> None:
    [error] = (await lead.post("/api/v1/bells", json={"times": "many"})).json()["errors"]
    assert error["field"] == "times"
    assert "integer" in error["expected"]


async def test_a_body_without_a_length_is_cut_off_too(lead: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100

    answer = await lead.post("/api/v1/bells", content=endless())
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")


async def test_while_the_database_is_away_it_says_so_and_to_come_back(lead: httpx.AsyncClient) -> None:
    async def gone(*_: object) -> None:
        raise ConnectionRefusedError

    lead_app = lead._transport.app  # type: ignore[attr-defined]  # httpx keeps it there
    lead_app.state.callers.by_token = gone
    answer = await lead.get("/api/v1/bells")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert answer.json()["retryable"]
    assert answer.headers["retry-after"] == "1"


async def signed_in(run: Run) -> identity.SessionKeys:
    """A session of a lead."""
    grant = identity.Grant(identity.Role.LEAD)
    account = identity.NewAccount("thandiwe", "Thandiwe Nkosi", password_hash="x", grants=(grant,))
    await run.perform(SYSTEM, identity.put_accounts, [account])
    async with run.reading() as read:
        found = await identity.account_by_login(read, "thandiwe")
    assert found is not None
    keys = identity.SessionKeys(cookie="c" * 43, csrf="s" * 43)
    await run.perform(
        SYSTEM, identity.open_session, found, keys=keys, device=identity.Device(), tried=("login:thandiwe",)
    )
    return keys


@pytest.mark.parametrize(("sent", "status"), [({}, 403), ({"X-CSRF-Token": "x"}, 403), ("right", 201)])
async def test_a_post_by_cookie_needs_the_sessions_own_token(
    callers: Callers, run: Run, sent: dict[str, str] | str, status: int
) -> None:
    keys = await signed_in(run)
    headers = sent if isinstance(sent, dict) else {"X-CSRF-Token": keys.csrf}
    async with callers.client(Cookie=f"ambidex_session={keys.cookie}") as client:
        answer = await client.post("/api/v1/bells", json={"times": 1}, headers=headers)
        assert answer.status_code == status
        assert (await client.get("/api/v1/bells")).json()["who"] == "Thandiwe Nkosi"


async def test_a_session_that_is_over_is_nobody(callers: Callers, run: Run, clock: object) -> None:
    keys = await signed_in(run)
    clock.now += timedelta(days=2)  # type: ignore[attr-defined]  # the fixture's clock
    async with callers.client(Cookie=f"ambidex_session={keys.cookie}") as client:
        assert (await client.get("/api/v1/bells")).status_code == 401


async def test_every_answer_carries_safe_headers(lead: httpx.AsyncClient) -> None:
    headers = (await lead.get("/api/v1/bells")).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"
    assert len(headers["x-request-id"]) == 16


async def test_it_tells_how_it_is_doing(callers: Callers) -> None:
    async with callers.client() as client:
        assert (await client.get("/healthz")).json() == {"status": "ok"}
        assert (await client.get("/readyz")).json() == {"status": "ok", "position": 0}
        assert "ambidex_request_seconds_bucket" in (await client.get("/metrics")).text
        described = (await client.get("/api/openapi.json")).json()
    assert described["openapi"].startswith("3.1")


async def test_a_client_that_left_is_no_failure_of_ours() -> None:
    sent: list[object] = []

    async def gone(scope: object, receive: object, send: object) -> None:
        raise ClientDisconnect

    async def receive() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/api/v1/orders", "headers": []}
    around = Surroundings(gone, body_bytes_max=1, is_https=False, refuse=to_programs)
    with capture_logs() as logs:
        await around(scope, receive, send)  # type: ignore[arg-type]  # the plainest of ASGI messages
    assert sent == []
    assert [(line["event"], line["status"]) for line in logs] == [("request", 499)]
