"""Routing: versions of the rules with examples, test drive, simulation, shadow, canary; receipts; replays."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Path, Query
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Shown, operation
from ambidex.api.orders import parse_order_id
from ambidex.api.routing_shapes import (
    Brand,
    ChangeOut,
    DifferenceOut,
    DraftIn,
    DriveOut,
    ExampleIn,
    ExampleOut,
    GoIn,
    Name,
    ReceiptOut,
    ReplayOut,
    RulesIn,
    ShadowOut,
    SpanIn,
    TrialOut,
    VerdictOut,
    VersionOut,
    Why,
)
from ambidex.api.shapes import Listed
from ambidex.domains import orders, routing
from ambidex.flows import canary, simulate_routing
from ambidex.flows.test_drive import drive
from ambidex.kernel.actor import Permission
from ambidex.kernel.problem import NotFound
from ambidex.reads.routing import shadow_view
from ambidex.runtime.db import Tx

router = APIRouter(tags=["routing"])
ask, change, versions = routing.ask, routing.change, routing.versions
ALL, ONE, TRIAL = "/routing/versions", "/routing/versions/{number}", "/routing/trials/{trial}"
READING = [operation(Permission.ORDERS_READ)]
CHANGING = [operation(Permission.ROUTING_CHANGE)]
Number = Annotated[int, Path(ge=1, le=1_000_000)]
IfMatch = Annotated[str | None, Header(max_length=40)]
BrandAsked = Annotated[Brand, Query(description="'' is every brand without versions of its own")]


class NotReplayed(NotFound):
    """The decisions of this day were not replayed."""

    code = "not-replayed"
    advice = "Yesterday is replayed by night; any day by `ambidex routing replay --day`."


class NoCanary(NotFound):
    """This version is no canary."""

    code = "no-canary"
    advice = "Only a version that decides a share of the orders is measured beside live."


@router.get(ALL, dependencies=READING)
async def list_versions(runs: Runs, brand: Annotated[Brand | None, Query()] = None) -> Listed[VersionOut]:
    """By brand, the newest first."""
    async with runs.reading() as read:
        return Listed(items=[VersionOut.of(one) for one in await ask.versions(read, brand)])


@router.post(ALL, dependencies=CHANGING, status_code=201, response_model=VersionOut)
async def begin_draft(body: DraftIn, asks: Asks) -> Response:
    """A new draft under the next number of the brand."""
    return await asks.answer(
        _created, change.begin_draft, body.brand, body.document, why=body.why, of=body.copy_of
    )


@router.get(ONE, dependencies=READING)
async def get_version(number: Number, runs: Runs, response: Response, brand: BrandAsked = "") -> VersionOut:
    """One version with its document; its ETag is asked for when it is changed."""
    async with runs.reading() as read:
        version = await ask.version(read, brand, number)
    response.headers["ETag"] = f'"{version.revision}"'
    return VersionOut.of(version)


@router.put(ONE, dependencies=CHANGING, response_model=VersionOut)
async def write_draft(
    number: Number, body: RulesIn, asks: Asks, if_match: IfMatch = None, brand: BrandAsked = ""
) -> Response:
    """Another text of a draft. Refused when somebody changed it since (If-Match)."""
    seen = change.Seen(brand, number, _revision(if_match))
    return await asks.answer(_version, change.write_draft, seen, body.document, why=body.why)


@router.get(f"{ONE}/history", dependencies=READING)
async def get_history(number: Number, runs: Runs, brand: BrandAsked = "") -> Listed[ChangeOut]:
    """Who changed what and why, the newest first."""
    async with runs.reading() as read:
        await ask.version(read, brand, number)
        rows = await ask.changes(read, brand, number)
    return Listed(
        items=[
            ChangeOut(
                revision=row.revision,
                what=row.what,
                why=row.why,
                before=row.before,
                after=row.after,
                at=row.changed_at,
                by=row.changed_by_name,
            )
            for row in rows
        ]
    )


@router.get(f"{ONE}/examples", dependencies=READING)
async def check_examples(number: Number, runs: Runs, brand: BrandAsked = "") -> Listed[ExampleOut]:
    """Each example, decided now: all must pass before the version goes on."""
    async with runs.reading() as read:
        version = await ask.version(read, brand, number)
        outcomes = {one.name: one for one in await ask.outcomes(read, version)}
        examples = await ask.examples(read, brand, number)
    return Listed(
        items=[
            ExampleOut(
                name=one.name,
                situation=dict(one.situation),
                expected=dict(one.expected),
                passes=outcomes[one.name].passes,
                sent_from={place: dict(units) for place, units in outcomes[one.name].sent_from.items()},
                wrong=list(outcomes[one.name].wrong),
            )
            for one in examples
        ]
    )


@router.put(f"{ONE}/examples/{{name}}", dependencies=CHANGING, response_model=VersionOut)
async def put_example(
    *,
    number: Number,
    name: Annotated[Name, Path()],
    body: ExampleIn,
    asks: Asks,
    if_match: IfMatch = None,
    brand: BrandAsked = "",
) -> Response:
    """Add an example to a draft, or change the one of that name."""
    seen = change.Seen(brand, number, _revision(if_match))
    return await asks.answer(
        _version,
        change.put_example,
        seen,
        name.replace("\x00", " "),
        situation=body.situation,
        expected=body.expected,
        why=body.why,
    )


@router.delete(f"{ONE}/examples/{{name}}", dependencies=CHANGING, response_model=VersionOut)
async def drop_example(
    number: Number,
    name: Annotated[Name, Path()],
    asks: Asks,
    why: Annotated[Why, Query()] = "removed",
    brand: BrandAsked = "",
) -> Response:
    """Remove an example of a draft."""
    seen = change.Seen(brand, number)
    return await asks.answer(
        _version, change.drop_example, seen, name.replace("\x00", " "), why=why.replace("\x00", " ")
    )


@router.post(f"{ONE}/go", dependencies=CHANGING, response_model=VersionOut)
async def go_on(
    number: Number, body: GoIn, asks: Asks, if_match: IfMatch = None, brand: BrandAsked = ""
) -> Response:
    """Into shadow, on a share of the orders, live, or archived. Only when all its examples pass."""
    seen = change.Seen(brand, number, _revision(if_match))
    return await asks.answer(_version, _go, seen, body)


@router.get(f"{ONE}/test-drive", dependencies=READING)
async def drive_order(
    number: Number,
    runs: Runs,
    order: Annotated[str, Query(max_length=40)],
    receipt: Annotated[int | None, Query(ge=1, le=30_000)] = None,
    brand: BrandAsked = "",
) -> DriveOut:
    """One real order decided by this version, from what was known then; nothing is changed."""
    async with runs.reading() as read:
        found = await drive(read, parse_order_id(order), brand=brand, number=number, receipt_no=receipt)
    return DriveOut.of(found)


@router.post(f"{ONE}/simulate", dependencies=CHANGING, status_code=202, response_model=TrialOut)
async def simulate(number: Number, body: SpanIn, asks: Asks, brand: BrandAsked = "") -> Response:
    """Over any past days against the live version. The worker does it; look at the simulation for its progress."""
    period = simulate_routing.Period(body.from_at, body.until, body.decisions_max)
    return await asks.answer(_asked, simulate_routing.simulate, brand, number, period=period)


@router.get(f"{ONE}/trials", dependencies=READING)
async def list_trials(number: Number, runs: Runs, brand: BrandAsked = "") -> Listed[TrialOut]:
    """The simulations of a version, the newest first."""
    async with runs.reading() as read:
        return Listed(items=[TrialOut.of(one) for one in await ask.trials(read, brand, number)])


@router.get(TRIAL, dependencies=READING)
async def get_trial(trial: UUID, runs: Runs) -> TrialOut:
    """How far it is, and what came out."""
    async with runs.reading() as read:
        return TrialOut.of(await ask.trial(read, trial))


@router.post(f"{TRIAL}/stop", dependencies=CHANGING, response_model=TrialOut)
async def stop_trial(trial: UUID, asks: Asks) -> Response:
    """It is not needed any more."""
    return await asks.answer(_trial, change.stop_trial, trial)


@router.get(f"{ONE}/canary", dependencies=READING)
async def get_canary(number: Number, runs: Runs, brand: BrandAsked = "") -> VerdictOut:
    """How the canary does beside live."""
    async with runs.reading() as read:
        version = await ask.version(read, brand, number)
        if version.state is not versions.VersionState.CANARY:
            raise NoCanary(state=version.state.value)
        return VerdictOut.of(await canary.verdict_of(read, version))


@router.get(f"{ONE}/shadow", dependencies=READING)
async def get_shadow(number: Number, runs: Runs, brand: BrandAsked = "") -> ShadowOut:
    """What the version would have decided while it was in shadow."""
    async with runs.reading() as read:
        await ask.version(read, brand, number)
        found = await shadow_view(read, brand, number)
    return ShadowOut(decisions=found.count, result=found.figures)


@router.get("/routing/replays", dependencies=READING)
async def list_replays(runs: Runs) -> Listed[ReplayOut]:
    """The newest days."""
    async with runs.reading() as read:
        return Listed(items=[_replay(one, ()) for one in await ask.replays(read)])


@router.get("/routing/replays/{day}", dependencies=READING)
async def get_replay(day: date, runs: Runs) -> ReplayOut:
    """The decisions of a day made once more, with those that differ."""
    async with runs.reading() as read:
        found = await ask.replay(read, day)
        if found is None:
            raise NotReplayed(day=day.isoformat())
        return _replay(found, await ask.differences(read, day))


@router.get("/orders/{order_id}/receipts", dependencies=READING)
async def list_receipts(order_id: str, runs: Runs) -> Listed[ReceiptOut]:
    """Every decision of an order and why, in their order; none where the place was chosen."""
    async with runs.reading() as read:
        order = await orders.order(read, parse_order_id(order_id))
        found = await ask.receipts(read, order.order_id)
    return Listed(items=[ReceiptOut.of(one) for one in found])


async def _go(tx: Tx, seen: change.Seen, body: GoIn) -> versions.Version:
    if body.to == "canary":
        terms = versions.Canary(body.share, versions.Metric(body.metric), body.threshold, body.orders_min)
        return await change.go_canary(tx, seen, terms, why=body.why)
    moves = {"shadow": change.go_shadow, "live": change.go_live, "archived": change.archive}
    return await moves[body.to](tx, seen, why=body.why)


async def _version(_: Tx, version: versions.Version) -> VersionOut:
    return VersionOut.of(version)


async def _created(_: Tx, version: versions.Version) -> Shown:
    return Shown(VersionOut.of(version))


async def _trial(_: Tx, trial: routing.trials.Trial) -> TrialOut:
    return TrialOut.of(trial)


async def _asked(_: Tx, trial: routing.trials.Trial) -> Shown:
    return Shown(TrialOut.of(trial), status=202)


def _revision(if_match: str | None) -> int | None:
    """The revision that was seen; what is no ETag of ours matches nothing."""
    if if_match in {None, "*"}:
        return None
    told = str(if_match).strip().removeprefix("W/").strip('"')
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 10 else -1


def _replay(found: routing.trials.Replay, differences: Sequence[tuple[UUID, int, str]]) -> ReplayOut:
    return ReplayOut(
        day=found.day,
        total=found.total,
        same=found.same,
        began_at=found.began_at,
        ended_at=found.ended_at,
        differences=[
            DifferenceOut(order=order_id.hex, receipt=receipt_no, what=what)
            for order_id, receipt_no, what in differences
        ],
    )
