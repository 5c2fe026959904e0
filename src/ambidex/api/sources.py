"""Sources: register a system that sends to us, rotate its secret, say what its names stand for."""

from datetime import datetime
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from ambidex.api.edge import Asks, Runs, Shown, operation
from ambidex.api.shapes import Listed
from ambidex.domains import channels
from ambidex.domains.channels import NewSource, Source
from ambidex.flows.map_name import map_name
from ambidex.kernel.actor import Permission
from ambidex.runtime.db import Tx

router = APIRouter(tags=["sources"])
Speaker = Literal["us", "platform"]


class SourceIn(BaseModel):
    """A system that sends to us. The secret is never shown again."""

    kind: str = Field(min_length=1, max_length=40, examples=["shopify"])
    code: str = Field(examples=["shopify:main"])
    channel: str = "web"
    secret: str = Field(default="", max_length=500)
    speakers: dict[str, Speaker] = Field(default_factory=dict)
    connection: dict[str, Any] = Field(default_factory=dict)


class SecretIn(BaseModel):
    """The new secret; the old one is good for another hour."""

    secret: str = Field(max_length=500)


class MappingShape(BaseModel):
    """What an outside name stands for: an item (its SKU) or a place (its code)."""

    kind: Literal["item", "place"]
    external: str = Field(min_length=1, max_length=300)
    internal: str = Field(min_length=1, max_length=128)


class SourceOut(BaseModel):
    """A source as it stands."""

    code: str
    kind: str
    channel: str
    url: str
    speakers: dict[str, str]
    connection: dict[str, Any]
    heard_at: datetime | None


@router.post(
    "/sources",
    dependencies=[operation(Permission.SETTINGS_CHANGE)],
    response_model=SourceOut,
    status_code=201,
)
async def create_source(body: SourceIn, asks: Asks) -> Response:
    """Register a source, or find it again."""
    new = NewSource(**body.model_dump())
    return await asks.answer(_created, channels.register, new)


@router.get("/sources", dependencies=[operation(Permission.INBOX_READ)])
async def list_sources(runs: Runs, after: str | None = None, limit: int = 100) -> Listed[SourceOut]:
    """All sources by code."""
    async with runs.reading() as read:
        page = await channels.page(read, after=after, limit=limit)
        return Listed(items=[_out(source) for source in page.items], next=page.next)


@router.get("/sources/{code}", dependencies=[operation(Permission.INBOX_READ)])
async def get_source(code: str, runs: Runs) -> SourceOut:
    """One source."""
    async with runs.reading() as read:
        return _out(await channels.source(read, code))


@router.post(
    "/sources/{code}/rotate", dependencies=[operation(Permission.SETTINGS_CHANGE)], response_model=SourceOut
)
async def rotate_secret(code: str, body: SecretIn, asks: Asks) -> Response:
    """Take a new secret."""
    return await asks.answer(_shown, _rotate, code=code, secret=body.secret)


@router.get("/sources/{code}/mappings", dependencies=[operation(Permission.INBOX_READ)])
async def list_mappings(code: str, runs: Runs) -> Listed[MappingShape]:
    """What the names of this source stand for."""
    async with runs.reading() as read:
        source = await channels.source(read, code)
        items = await channels.mapped(read, source.source_id, kind="item", externals=None)
        places = await channels.mapped(read, source.source_id, kind="place", externals=None)
    return Listed(
        items=[
            *(MappingShape(kind="item", external=name, internal=sku) for name, sku in items.items()),
            *(MappingShape(kind="place", external=name, internal=place) for name, place in places.items()),
        ]
    )


@router.post(
    "/sources/{code}/mappings", dependencies=[operation(Permission.INBOX_REPAIR)], response_model=SourceOut
)
async def put_mapping(code: str, body: MappingShape, asks: Asks) -> Response:
    """From now on this outside name stands for that."""
    return await asks.answer(_shown, map_name, code=code, **body.model_dump())


async def _rotate(tx: Tx, *, code: str, secret: str) -> Source:
    source = await channels.source(tx, code)
    await channels.rotate_secret(tx, source, secret)
    return source


async def _created(_: Tx, source: Source) -> Shown:
    return Shown(_out(source), status=201)


async def _shown(_: Tx, source: Source) -> SourceOut:
    return _out(source)


def _out(source: Source) -> SourceOut:
    return SourceOut(
        code=source.code,
        kind=source.kind,
        channel=source.channel,
        url=f"/api/v1/inbound/{source.code}",
        speakers=dict(source.speakers),
        connection=dict(source.connection),
        heard_at=source.heard_at,
    )
