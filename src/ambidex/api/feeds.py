"""Feeds: who is told what they may sell, in which form, and how each subscription fares."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Out, Runs, Shown, Who, house, operation
from ambidex.api.order_shapes import Channel
from ambidex.api.shapes import Listed
from ambidex.domains import feeds
from ambidex.domains.feeds import Area, Bands, Feed, FeedVerb
from ambidex.flows.feed_secrets import Secrets, secrets_of
from ambidex.flows.feed_terms import Terms, change_feed, open_feed, terms_of
from ambidex.flows.try_feed import try_feed
from ambidex.flows.watch_feeds import move_feed
from ambidex.kernel.actor import Permission
from ambidex.kernel.values import asdict, replace
from ambidex.reads.feed_health import FeedHealth, feed_health
from ambidex.runtime.db import Read, Tx

router = APIRouter(tags=["feeds"])
Code = Annotated[str, Field(max_length=64)]
URL_MAX = 2_000
CHANGE = [operation(Permission.FEEDS_CHANGE)]


class BandsShape(BaseModel):
    """Falling to `low_at` is low, rising to `in_from` is in again; `out_at` and `back_from` likewise for out."""

    low_at: int = Field(default=5, ge=0, le=1_000_000)
    in_from: int = Field(default=8, ge=0, le=1_000_000)
    out_at: int = Field(default=0, ge=0, le=1_000_000)
    back_from: int = Field(default=1, ge=0, le=1_000_000)


class DestinationShape(BaseModel):
    """Only places that serve this address this way count. No method: any."""

    country: str = Field(default="", max_length=2)
    postcode: str = Field(default="", max_length=20)
    method: Literal["", "pickup", "ship", "deliver"] = ""


class WebhookShape(BaseModel):
    """Where messages go, signed by Standard Webhooks. https; a private address only where the operator allows it."""

    url: str = Field(max_length=URL_MAX, examples=["https://shop.example/hooks/stock"])


class FeedIn(BaseModel):
    """What is left out of a change keeps its value. `bands` null: units; `webhook` null: the channel pulls."""

    code: Code = ""
    name: str | None = Field(default=None, max_length=120)
    channel: Channel | None = None
    locations: list[Code] | None = Field(default=None, max_length=2_000)
    group: str | None = Field(default=None, max_length=64)
    destination: DestinationShape | None = None
    bands: BandsShape | None = None
    webhook: WebhookShape | None = None


class DeliveryOut(BaseModel):
    """`behind` items have a newer value than the subscriber got, the oldest for `lag_seconds`."""

    position: int
    behind: int
    lag_seconds: float
    delivered_at: datetime | None
    failing_since: datetime | None
    failure: str
    attempts: int
    next_try_at: datetime | None
    asked_at: datetime | None


class FeedOut(BaseModel):
    """A feed as it stands; `filling` while not all items were looked at yet."""

    code: str
    name: str
    channel: str
    locations: list[str]
    group: str
    destination: DestinationShape
    bands: BandsShape | None
    webhook: WebhookShape | None
    state: str
    filling: bool
    delivery: DeliveryOut


class AgainIn(BaseModel):
    """Everything that stands after this position is sent once more; 0: all."""

    after: int = Field(default=0, ge=0)


class TriedOut(BaseModel):
    """`reason` says why it was not taken."""

    taken: bool
    reason: str


class SecretsOut(BaseModel):
    """Newest first; the second is good until `old_until`, and messages are signed with both."""

    secrets: list[str]
    old_until: datetime | None


@router.post("/feeds", dependencies=CHANGE, response_model=FeedOut, status_code=201)
async def create_feed(body: FeedIn, asks: Asks) -> Response:
    """Subscribe a channel; its items appear within a moment. The secret is read from /feeds/{code}/secret."""
    bare = Terms(body.code, "", "web")
    return await asks.answer(_created, open_feed, terms=_terms(bare, body))


@router.get("/feeds", dependencies=[operation(Permission.STOCK_READ)])
async def list_feeds(
    runs: Runs, after: str = "", limit: Annotated[int, Query(ge=1, le=200)] = 100
) -> Listed[FeedOut]:
    """All feeds by code."""
    async with runs.reading() as read:
        page = await feeds.page(read, after=after, limit=limit)
        health = {one.code: one for one in await feed_health(read)}
        known = await terms_of(read, page)
        shown = [_out(feed, known[feed.code], health[feed.code], read.now) for feed in page]
    return Listed(items=shown, next=page[-1].code if len(page) == limit else None)


@router.get("/feeds/{code}", dependencies=[operation(Permission.STOCK_READ)])
async def get_feed(code: str, runs: Runs) -> FeedOut:
    """One feed."""
    async with runs.reading() as read:
        return await _shown(read, await feeds.feed(read, code))


@router.patch("/feeds/{code}", dependencies=CHANGE, response_model=FeedOut)
async def patch_feed(code: str, body: FeedIn, asks: Asks) -> Response:
    """Change it; positions and versions go on."""
    return await asks.answer(_shown, _patch, code=code, body=body)


@router.delete("/feeds/{code}", dependencies=CHANGE, status_code=204)
async def delete_feed(code: str, who: Who, runs: Runs) -> None:
    """Close it: the channel is not told any more."""
    await runs.perform(who, move_feed, code, FeedVerb.CLOSE)


@router.post("/feeds/{code}/pause", dependencies=CHANGE, response_model=FeedOut)
async def pause_feed(code: str, asks: Asks) -> Response:
    """Send nothing until it is resumed; what changes meanwhile is kept."""
    return await asks.answer(_shown, _moved, code=code, verb=FeedVerb.PAUSE)


@router.post("/feeds/{code}/resume", dependencies=CHANGE, response_model=FeedOut)
async def resume_feed(code: str, asks: Asks) -> Response:
    """Send again at once, from where it stood, each item's newest value."""
    return await asks.answer(_shown, _moved, code=code, verb=FeedVerb.RESUME)


@router.post("/feeds/{code}/again", dependencies=CHANGE, response_model=FeedOut)
async def send_feed_again(code: str, body: AgainIn, asks: Asks) -> Response:
    """Send once more what stands after a position, for a subscriber that lost it."""
    return await asks.answer(_shown, feeds.send_again, code, after=body.after)


@router.post("/feeds/{code}/test", dependencies=CHANGE)
async def test_feed(code: str, who: Who, runs: Runs, out: Out, *, request: Request) -> TriedOut:
    """Send a message of the type feed.test now, and say whether it was taken."""
    key = house(request).settings.secret_key
    answer = await try_feed(runs, out, who, code=code, key=key)
    return TriedOut(taken=not answer.failure, reason=answer.failure)


@router.get("/feeds/{code}/secret", dependencies=CHANGE)
async def get_secret(code: str, runs: Runs, *, request: Request) -> SecretsOut:
    """What messages are signed with now."""
    async with runs.reading() as read:
        return _secrets(await secrets_of(read, code, key=house(request).settings.secret_key))


@router.post("/feeds/{code}/rotate", dependencies=CHANGE, response_model=FeedOut)
async def rotate_feed_secret(code: str, asks: Asks) -> Response:
    """A new secret; for a day messages are signed with the old one too."""
    return await asks.answer(_shown, feeds.rotate_secret, code)


async def _patch(tx: Tx, *, code: str, body: FeedIn) -> Feed:
    feed = await feeds.feed(tx, code, lock=True)
    known = await terms_of(tx, [feed])
    return await change_feed(tx, terms=_terms(known[code], body))


async def _moved(tx: Tx, *, code: str, verb: FeedVerb) -> Feed:
    await move_feed(tx, code, verb)
    return await feeds.feed(tx, code)


async def _created(tx: Tx, feed: Feed) -> Shown:
    return Shown(await _shown(tx, feed), status=201)


async def _shown(read: Read, feed: Feed) -> FeedOut:
    [health] = await feed_health(read, feed.code)
    known = await terms_of(read, [feed])
    return _out(feed, known[feed.code], health, read.now)


def _terms(known: Terms, body: FeedIn) -> Terms:
    """What is said now over what was known."""
    said: dict[str, Any] = {}
    if body.name is not None:
        said["name"] = body.name
    if body.channel is not None:
        said["channel"] = body.channel
    if body.locations is not None:
        said["places"] = tuple(body.locations)
    if "bands" in body.model_fields_set:
        said["bands"] = None if body.bands is None else Bands(**body.bands.model_dump())
    if "webhook" in body.model_fields_set:
        said["webhook_url"] = "" if body.webhook is None else body.webhook.url
    area = replace(known.area, group=body.group) if body.group is not None else known.area
    if body.destination is not None:
        area = replace(area, **body.destination.model_dump())
    return replace(known, area=area, **said)


def _out(feed: Feed, terms: Terms, health: FeedHealth, now: datetime) -> FeedOut:
    return FeedOut(
        code=feed.code,
        name=feed.name,
        channel=feed.channel,
        locations=list(terms.places),
        group=feed.area.group,
        destination=_destination(feed.area),
        bands=None if feed.bands is None else BandsShape(**asdict(feed.bands)),
        webhook=WebhookShape(url=feed.webhook_url) if feed.webhook_url else None,
        state=feed.state.value,
        filling=health.is_filling,
        delivery=_delivery(health, now),
    )


def _destination(area: Area) -> DestinationShape:
    return DestinationShape.model_construct(country=area.country, postcode=area.postcode, method=area.method)


def _delivery(health: FeedHealth, now: datetime) -> DeliveryOut:
    return DeliveryOut(
        position=health.upto,
        behind=health.behind,
        lag_seconds=round(health.lag_seconds(now), 3),
        delivered_at=health.delivered_at,
        failing_since=health.failing_since,
        failure=health.failure,
        attempts=health.attempts,
        next_try_at=health.next_at,
        asked_at=health.asked_at,
    )


def _secrets(found: Secrets) -> SecretsOut:
    return SecretsOut(secrets=list(found.texts), old_until=found.old_until)
